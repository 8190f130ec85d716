// One row a name; the compiler complains when one is missing.
#include "agent/explanations.hpp"

namespace kb::agent {
namespace {

constexpr Text kAskSupport{"повторите; если не поможет, пришлите подробности в поддержку",
                           "try again; if it stays so, send the details to the support"};
constexpr Text kCheckNetwork{"проверьте интернет и адрес cabinet.url", "check the network and cabinet.url"};

} // namespace

Explanation explain(Errc code)
{
    switch (code) {
    case Errc::port_not_found:
        return {
            {"такого порта нет: касса выключена, отключён кабель или изменилось имя порта",
             "there is no such port: the register is off, the cable is out, or the port's name has changed"},
            {"включите кассу, проверьте кабель; какие порты есть: kktctl devices",
             "switch the register on, check the cable; the ports there are: kktctl devices"}};
    case Errc::port_denied:
        return {{"у пользователя нет прав на порт", "this user may not open the port"},
                {"добавьте пользователя службы в группу dialout или установите правила udev из пакета",
                 "put the service's user into the group dialout, or install the package's udev rules"}};
    case Errc::port_busy:
        return {{"порт занят другой программой", "another program holds the port"},
                {"закройте кассовую программу или тест драйвера; запущенный kkt-agent тоже держит порт",
                 "close the POS program or the driver's test; a running kkt-agent holds the port, too"}};
    case Errc::port_lost:
        return {{"связь с портом оборвалась", "the line was lost"},
                {"проверьте кабель и питание кассы", "check the cable and the register's power"}};
    case Errc::no_answer:
        return {{"порт открыт, но касса молчит", "the port is open, but the register is silent"},
                {"проверьте, включена ли касса, скорость порта и протокол в её настройках",
                 "check that the register is on, its speed and its protocol setting"}};
    case Errc::bad_frame:
        return {{"с порта идут не те байты", "the bytes on the line are not the protocol's"},
                {"проверьте скорость порта и что на нём именно касса",
                 "check the speed, and that it is a register"}};
    case Errc::bad_checksum:
        return {
            {"данные приходят искажёнными", "data arrive corrupted"},
            {"замените кабель, уведите его от силовых линий", "replace the cable, keep it off power lines"}};
    case Errc::protocol_violation:
        return {
            {"касса отвечает не на то, о чём её спросили", "the register answers something it was not asked"},
            {"проверьте, не работает ли с кассой ещё одна программа; обновите прошивку кассы",
             "check that no other program talks to it; update the register's firmware"}};
    case Errc::device_refused:
        return {{"касса отказала", "the register refused"},
                {"код отказа кассы в подробностях; с ним поможет ЦТО",
                 "the register's code is in the details; the service centre knows it"}};
    case Errc::device_busy:
        return {{"касса занята печатью или обменом с ОФД", "the register prints or talks to the OFD"},
                {"подождите, проверка повторится сама", "wait, it is asked again"}};
    case Errc::wrong_mode:
        return {{"касса в режиме, где это невозможно", "the register is in a mode where this cannot be done"},
                {"завершите чек или операцию на кассе", "finish the receipt or operation on the register"}};
    case Errc::wrong_password:
        return {
            {"касса не приняла пароль", "the register refused the password"},
            {"укажите пароль системного администратора в ключе device.password, у касс АТОЛ ещё и пароль "
             "доступа в ключе device.atol.access_password",
             "give the system administrator's password in device.password, with ATOL's registers also the "
             "access password in device.atol.access_password"}};
    case Errc::wrong_device:
        return {{"на порту другое устройство", "another device is on the port"},
                {"укажите порт кассы в ключе device.port", "give the register's port in device.port"}};
    case Errc::unsupported:
        return {
            {"эта модель или прошивка такого не умеет", "this model or firmware cannot do that"},
            {"обновите прошивку кассы, если это нужно", "update the register's firmware if this is wanted"}};
    case Errc::no_data:
        return {{"таких данных нет", "there is no such data"},
                {"проверьте номер; что есть: kktctl documents ls",
                 "check the number; what there is: kktctl documents ls"}};
    case Errc::no_paper:
        return {{"в кассе нет бумаги", "the register is out of paper"},
                {"вставьте чековую ленту; если касса попросит, нажмите «продолжить печать»",
                 "put a paper roll in; if the register asks for it, press \"continue printing\""}};
    case Errc::waits_for_continue:
        return {{"касса ждёт продолжения печати", "the register waits to go on printing"},
                {"нажмите на кассе или в кассовой программе «продолжить печать»",
                 "press \"continue printing\" on the register or in the POS program"}};
    case Errc::library_missing:
        return {{"драйвера производителя нет на этом ПК", "the maker's driver is not on this PC"},
                {"установите «Драйвер ККТ» АТОЛ версии 10 или укажите его файл в ключе device.library",
                 "install ATOL's \"Драйвер ККТ\" of version 10, or give its file in device.library"}};
    case Errc::no_kkt_serial:
        return {{"в кассе не введён заводской номер", "the register has no factory number"},
                {"пусть специалист ЦТО введёт заводской номер; до тех пор документы хранятся на этом ПК",
                 "have a service engineer enter the number; until then the documents stay on this PC"}};
    case Errc::port_stuck:
        return {{"порт не открывается или не принимает байты", "the port neither opens nor takes bytes"},
                {"переподключите USB-кабель кассы; если не помогло, перезагрузите кассу",
                 "plug the register's USB cable in anew; if that does not help, restart the register"}};
    case Errc::endless_noise:
        return {{"с порта без конца идут байты без смысла",
                 "bytes without meaning come from the port without end"},
                {"проверьте кабель и что подключено к этому порту",
                 "check the cable, and what is connected to this port"}};
    case Errc::wrong_speed:
        return {
            {"касса отвечает на другой скорости порта", "the register answers at another speed of the port"},
            {"впишите в device.baud скорость из подробностей или 0, чтобы агент нашёл её сам",
             "write the speed from the details into device.baud, or 0 to have it searched"}};
    case Errc::wrong_protocol:
        return {{"касса отвечает по другому протоколу", "the register answers in another protocol"},
                {"впишите device.family = \"auto\"", "write device.family = \"auto\""}};
    case Errc::foreign_device:
        return {
            {"на порту не касса, а другое устройство", "not a register is on this port, but another device"},
            {"укажите в device.port порт кассы: kktctl devices",
             "name the register's port in device.port: kktctl devices"}};
    case Errc::in_boot_loader:
        return {
            {"вместо кассы отвечает её загрузчик: идёт или прервано обновление прошивки",
             "the register's boot loader is there instead: a firmware update runs or broke off"},
            {"дождитесь конца обновления; если его никто не начинал, выключите и включите кассу, не поможет: "
             "нужен ЦТО",
             "let the update end; if nobody began one, switch the register off and on, and if that does not "
             "help call the service centre"}};
    case Errc::duplicate_device:
        return {
            {"эта касса уже работает через другой порт", "this register is served on another port already"},
            {"уберите один из двух разделов [[device]] или укажите в нём порт другой кассы",
             "remove one of the two [[device]] sections, or give it the other register's port"}};
    case Errc::duplicate_serial:
        return {
            {"у двух касс один заводской номер; документы обеих читаются и различаются по ФН",
             "two registers tell the same factory number; both are read, and kept apart by their FNs"},
            {"сверьте номера на шильдиках и вызовите ЦТО: номер в одной из касс введён неверно",
             "compare the name plates and call the service centre: one of the numbers is entered wrongly"}};
    case Errc::bad_length:
        return {{"данные не той длины", "data of a wrong length"}, kAskSupport};
    case Errc::bad_value:
        return {{"недопустимое значение", "a value that is not allowed"},
                {"исправьте значение, названное в подробностях", "put the value named in the details right"}};
    case Errc::bad_encoding:
        return {{"текст в негодной кодировке", "text in a wrong encoding"}, kAskSupport};
    case Errc::bad_tlv:
        return {{"документ не разбирается по формату ФФД", "the document does not hold together as FFD"},
                {"документ остаётся в ФН; пришлите подробности в поддержку",
                 "the document stays in the FN; send the details to the support"}};
    case Errc::bad_json:
        return {
            {"ответ не похож на ответ нужной программы", "the answer is not that of the program wanted"},
            {"проверьте адрес: отвечает ли там та программа", "check the address: is it that program's?"}};
    case Errc::not_representable:
        return {{"значение нельзя записать в нужном формате без потерь",
                 "the value cannot be written in that format exactly"},
                kAskSupport};
    case Errc::overflow:
        return {{"слишком большое число", "too large a number"}, kAskSupport};
    case Errc::bad_config:
        return {{"настройки неверны", "the configuration is wrong"},
                {"что именно, покажет: kktctl config check", "what exactly: kktctl config check"}};
    case Errc::cancelled:
        return {{"действие прервано", "it was broken off"}, {"запустите ещё раз", "start it again"}};
    case Errc::timed_out:
        return {{"ответ не пришёл вовремя", "the answer did not come in time"},
                {"проверьте скорость и устойчивость связи", "check speed and stability of the connection"}};
    case Errc::not_found:
        return {{"под этим именем или номером ничего нет", "nothing is under that name or number"},
                {"проверьте имя или номер", "check the name or number"}};
    case Errc::conflict:
        return {{"под этим номером уже есть другое", "something else is already under this number"},
                {"сравните оба: kktctl queue show", "compare both: kktctl queue show"}};
    case Errc::storage_full:
        return {{"на диске нет места", "the disk is full"},
                {"освободите место; запись продолжится сама", "free some room; writing goes on by itself"}};
    case Errc::storage_busy:
        return {{"журнал занят другой программой", "another program holds the journal"},
                {"закройте второй kkt-agent с той же папкой данных; затем повторите",
                 "close the second kkt-agent on the same data folder; then try again"}};
    case Errc::storage_damaged:
        return {{"файл журнала повреждён", "the journal's file is damaged"},
                {"перезапустите kkt-agent: он отложит файл и перечитает документы из ФН",
                 "restart kkt-agent: it sets the file aside and reads the documents out of the FN again"}};
    case Errc::storage_failed:
        return {{"файл не читается или не записывается", "a file cannot be read or written"},
                {"проверьте права на папку agent.data_dir и запускайте kktctl тем же пользователем или root",
                 "check the rights on agent.data_dir, and run kktctl as the same user or root"}};
    case Errc::network_failed:
        return {{"нет связи: имя, маршрут или соединение", "no connection: name, route or peer"},
                kCheckNetwork};
    case Errc::tls_untrusted:
        return {{"сертификату кабинета нет доверия", "the cabinet's certificate is not trusted"},
                {"проверьте дату на ПК; для своего удостоверяющего центра укажите cabinet.ca_file",
                 "check the PC's date; for a private authority set cabinet.ca_file"}};
    case Errc::unauthorised:
        return {{"у этого ПК нет ключа, который принимает кабинет",
                 "this PC has no token that the cabinet takes"},
                {"получите новый код в кабинете и выполните: kktctl enroll КОД",
                 "get a new code in the cabinet and run: kktctl enroll CODE"}};
    case Errc::peer_refused:
        return {{"кабинет ответил ошибкой", "the cabinet answered with an error"},
                {"подробности в журнале службы; если повторяется, обратитесь в поддержку кабинета",
                 "see the service's log; if it persists, ask the cabinet's support"}};
    case Errc::too_many:
        return {{"слишком много или слишком часто", "too much or too often"},
                {"подождите, это повторится само", "wait, it is tried again by itself"}};
    }
    return {{"неизвестная ошибка", "an unknown error"}, kAskSupport};
}

Explanation explain_of_register(Errc code)
{
    if (code == Errc::network_failed) {
        return {
            {"до кассы нет пути по сети", "there is no way to the register over the network"},
            {"проверьте питание, кабель и адрес кассы в ключе device.port, и включён ли в ней TCP-сервер",
             "check the register's power, cable and address in device.port, and that its TCP server is on"}};
    }
    return explain(code);
}

} // namespace kb::agent
