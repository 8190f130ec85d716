// The keypad page: a person plays the cashier in a browser. Plain HTML and script, no build step.
#include "drivers/emulator/control.hpp"

namespace kb::emulator {

const char* const kKeypadPage = R"html(<!doctype html>
<html lang="ru"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<title>Виртуальная касса</title>
<style>
*{box-sizing:border-box}body{margin:0;font:16px/1.35 system-ui,sans-serif;background:#e9edf2;color:#17202b}
header{background:#1f3a5f;color:#fff;padding:10px 14px}header b{display:block;font-size:18px}header select{font:inherit;min-height:36px;margin-top:6px}header small{opacity:.85}
main{display:grid;gap:12px;padding:12px;max-width:1100px;margin:auto}
@media(min-width:820px){main{grid-template-columns:1fr 360px}}
section{background:#fff;border-radius:10px;padding:12px;margin-bottom:12px;box-shadow:0 1px 2px #0002}
h2{margin:0 0 8px;font-size:15px;color:#51606f;font-weight:600}
.grid{display:grid;grid-template-columns:repeat(auto-fill,minmax(128px,1fr));gap:8px}
button{font:inherit;min-height:46px;border:1px solid #c4cdd7;border-radius:8px;background:#f6f8fa;padding:6px;cursor:pointer}
button:active{background:#dde5ee}button.main{background:#1f6f43;color:#fff;border-color:#1f6f43}
button.warn{background:#8a1f1f;color:#fff;border-color:#8a1f1f}button.on{background:#ffe3a3;border-color:#c99a2e}
button small{display:block;color:#51606f}button.main small{color:#dff}
#cart div{display:flex;justify-content:space-between;border-bottom:1px dotted #c4cdd7;padding:3px 0}
#total{font-size:26px;font-weight:700;text-align:right;margin:6px 0}
#strip{background:#fffdf3;font:13px/1.3 ui-monospace,monospace;white-space:pre-wrap;height:460px;overflow:auto;padding:10px;border:1px solid #e2dcc0}
#note{min-height:24px;color:#8a1f1f}
</style></head><body>
<header><b id="name">Касса</b><small id="status"></small>
<label id="choose" hidden>Касса: <select id="which" onchange="choose(this.value)"></select></label></header>
<main><div>
<section><h2>Товары</h2><div class="grid" id="goods"></div></section>
<section><h2>Чек</h2><div id="cart"></div><div id="total">0.00</div><div id="note" role="status"></div>
<div class="grid"><button class="main" onclick="pay('cash')">Наличные</button><button class="main" onclick="pay('electronic')">Карта</button>
<button id="ret" onclick="ret=!ret;draw()">Возврат</button><button onclick="cart=[];draw()">Очистить</button>
<button onclick="post('/sale',{})">Случайный чек</button></div></section>
<section><h2>Смена</h2><div class="grid"><button onclick="post('/shift/open',{})">Открыть смену</button>
<button class="warn" onclick="post('/shift/close',{})">Закрыть смену</button><button onclick="post('/x_report',{})">X-отчёт</button>
<button onclick="post('/cash',{in:100000})">Внести 1000</button></div></section>
<section><h2>Неприятности</h2><div class="grid">
<button id="paper" onclick="post('/paper',{present:!s.paper})">Бумага</button>
<button id="go" onclick="post('/paper',{continue:true})">Продолжить печать</button>
<button id="cover" onclick="post('/cover',{open:!s.cover_open})">Крышка</button>
<button id="sd" onclick="post('/sd',{state:s.sd.state=='present'?'missing':'present'})">Карта SD</button>
<button id="cable" onclick="post('/cable',{connected:!s.cable})">Кабель</button>
<button id="ofd" onclick="post('/ofd',{silent:!s.ofd.silent})">ОФД молчит</button>
<button id="power" onclick="post('/power',{action:s.power?'cut':'on'})">Питание</button></div></section>
</div><div><section><h2>Чековая лента</h2><div id="strip"></div></section></div></main>
<script>
let s={sd:{},ofd:{},fn:{},shift:{}},cart=[],goods=[],ret=false,next=0,base='';
const $=id=>document.getElementById(id),rub=k=>(k/100).toFixed(2);
function say(text){$('note').textContent=text}
async function post(path,body){try{const r=await fetch(base+path,{method:'POST',body:JSON.stringify(body)});const j=await r.json();
say(r.ok?(j.fd_number?'ФД '+j.fd_number+' готов':''):words[j.error]||j.error+(j.cure?' — '+j.cure:''));await look();return r.ok}catch(e){say('Нет связи с кассой');return false}}
const words={'there is no paper':'Нет бумаги','the cover is open':'Открыта крышка','a receipt is open over the line':'Открыт чек с компьютера',
'the power is off':'Питание выключено','the shift is not open':'Смена не открыта','the shift is already open':'Смена уже открыта',
'not enough cash in the drawer':'В кассе не хватает наличных','the FN archive is full':'Архив ФН переполнен',"the FN's keys have expired":'Срок ФН истёк',
'the shift is open for more than 24 hours':'Смена дольше 24 часов'};
function add(i){const old=cart.find(c=>c.name==goods[i].name);if(old)old.n++;else cart.push({...goods[i],n:1});draw()}
function draw(){$('cart').innerHTML='';let t=0;cart.forEach(c=>{t+=c.price*c.n;const d=document.createElement('div');
const b=document.createElement('span');b.textContent=c.name;const e=document.createElement('span');e.textContent=c.n+' × '+rub(c.price);d.append(b,e);
d.onclick=()=>{if(--c.n<1)cart.splice(cart.indexOf(c),1);draw()};$('cart').append(d)});$('total').textContent=(ret?'возврат ':'')+rub(t);$('ret').className=ret?'on':''}
async function pay(how){if(!cart.length){say('Выберите товар');return}
const items=cart.map(c=>({name:c.name,price:c.price,quantity:String(c.n),vat:c.vat,unit:c.unit}));
const sum=cart.reduce((a,c)=>a+c.price*c.n,0);
if(await post('/sale',{operation:ret?'sell_return':'sell',items,payments:{[how]:sum}})){cart=[];ret=false;draw()}}
async function look(){const asked=base,t=await(await fetch(base+'/state')).json();if(asked!=base)return;s=t;
$('name').textContent=s.user+' — '+(s.model||'');
$('status').textContent='ЗН '+s.kkt_serial+' · ФН '+s.fn.serial+' · ФД '+s.fn.last_fd+' · смена '+s.shift.number+(s.shift.open?(s.shift.expired?' > 24 ч':' открыта'):' закрыта')+
' · не передано '+s.ofd.unsent+' · '+s.clock.replace('T',' ')+(s.receipt_open?' · чек с компьютера':'')+(s.reading?' · идёт чтение':'');
$('paper').textContent=s.paper?'Вынуть бумагу':'Вставить бумагу';$('paper').className=s.paper?'':'on';
$('go').hidden=s.printer!='waits_for_continue';
$('cover').textContent=s.cover_open?'Закрыть крышку':'Открыть крышку';$('cover').className=s.cover_open?'on':'';
$('sd').textContent=s.sd.state=='present'?'Вынуть карту SD':'Вставить карту SD';$('sd').className=s.sd.state=='present'?'':'on';
$('ofd').textContent=s.ofd.silent?'ОФД: включить':'ОФД: замолчать';$('ofd').className=s.ofd.silent?'on':'';
$('cable').textContent=s.cable?'Выдернуть кабель':'Воткнуть кабель';$('cable').className=s.cable?'':'on';
$('power').textContent=s.power?'Выключить питание':'Включить питание';$('power').className=s.power?'':'on';
if(s.strip_last!=next){const from=next,p=await(await fetch(base+'/strip?from='+from)).json();if(asked!=base||from!=next)return;const box=$('strip');
box.textContent+=p.lines.join('\n')+(p.lines.length?'\n':'');next=p.next;box.scrollTop=box.scrollHeight}}
function choose(name){base='/registers/'+name;next=0;$('strip').textContent='';cart=[];ret=false;draw();say('');location.hash=name;look()}
(async()=>{const all=await(await fetch('/registers')).json(),mine=decodeURIComponent(location.hash.slice(1));
all.forEach(r=>$('which').add(new Option(r.name+' — '+r.model,r.name)));$('choose').hidden=all.length<2;
const first=(all.find(r=>r.name==mine)||all[0]).name;$('which').value=first;base='/registers/'+first;goods=await(await fetch('/goods')).json();goods.forEach((g,i)=>{const b=document.createElement('button');b.textContent=g.name;
const m=document.createElement('small');m.textContent=rub(g.price);b.append(m);b.onclick=()=>add(i);$('goods').append(b)});await look();
setInterval(()=>look().catch(()=>say('Нет связи с кассой')),1000)})();
</script></body></html>
)html";

} // namespace kb::emulator
