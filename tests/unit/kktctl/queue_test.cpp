// kktctl queue: what waits for the cabinet and why, what was set aside and why, and whether it is sound.
#include "tests/unit/kktctl/shop.hpp"

using namespace kb;
using namespace kb::agent::kktctl::test;

namespace {

/// So many documents waiting; every third number is lacking.
void fill_with(storage::Journal journal, std::uint32_t documents)
{
    std::vector<storage::JournalDocument> batch;
    for (std::uint32_t i = 0; i < documents; ++i)
        batch.push_back(document(i / 2 * 3 + i % 2 + 1, kReceipt, 3));
    REQUIRE(journal.documents().append(batch));
}

std::size_t lines_with(const std::string& output, const std::string& word)
{
    std::size_t lines = 0;
    for (std::size_t at = output.find(word); at != std::string::npos; at = output.find(word, at + 1))
        ++lines;
    return lines;
}

} // namespace

TEST_CASE("the queue shows what waits and what was set aside, with reasons", "[kktctl]")
{
    Shop shop;
    fill(shop.journal());
    const Json queue = shop.run("queue ls --json").json();
    CHECK(queue["unsent"] == 2);
    CHECK(queue["fns"][0]["unsent"] == Json::parse("[[7,8]]"));
    REQUIRE(queue["rejected"].size() == 1);
    CHECK(queue["rejected"][0]["code"] == "conflict");
    CHECK_THAT(shop.run("queue ls").out, Catch::Contains("под этим номером уже есть другой"));
    const std::string id = std::to_string(queue["rejected"][0]["id"].get<int>());
    CHECK_THAT(shop.run("queue show " + id).out, Catch::Contains("fiscal sign"));
    CHECK(shop.run("queue show " + id + " --json").json()["raw_hex"] == kReceipt);
    CHECK(shop.run("queue show 77").code == 4);
}

TEST_CASE("what waits is told with the reason, the cure and the next attempt of the running agent",
          "[kktctl]")
{
    const std::string page = R"({"agent":{"version":"0.1.0"},"devices":[],"journal":{"state":"ready"},"sync":{
        "state":"waiting","reason":"network_failed","detail":"POST https://c: connection refused",
        "retry_at":"2036-03-01T06:15:01.000Z"}})";
    const auto asked = [&](const std::string& arguments) {
        OneAnswer agent(200, page);
        Shop shop("https://127.0.0.1:9", agent.port());
        fill(shop.journal());
        return shop.run(arguments);
    };
    const Answer told = asked("queue ls");
    CHECK(told.code == 0);
    CHECK_THAT(told.out,
               Catch::Contains("Не отправлено документов: 2") && Catch::Contains("Почему ждут: нет связи") &&
                   Catch::Contains("[network_failed]") && Catch::Contains("Что делать: проверьте интернет") &&
                   Catch::Contains("Следующая попытка через") &&
                   Catch::Contains("Подробности: POST https://c: connection refused") &&
                   Catch::Contains("Отложены с причиной"));
    const Json json = asked("queue ls --json").json();
    CHECK(json["delay"]["state"] == "waiting");
    CHECK(json["delay"]["reason"] == "network_failed");
    CHECK(json["delay"]["retry_at"] == "2036-03-01T06:15:01.000Z");
    CHECK(json["waiting"].size() == 2);
    CHECK(json["waiting"][0]["fd_number"] == 7);
    CHECK(json["waiting"][1]["form"] == "short");
    CHECK(json["oldest_unsent_at"] == "2024-03-01T06:15:01.000Z");
    CHECK(json["set_aside"] == 1);
    const Answer one = asked(std::string("queue show ") + kFn + " 8");
    CHECK_THAT(one.out, Catch::Contains("Ждёт отправки") && Catch::Contains("Почему ждут: нет связи"));
}

TEST_CASE("without a cabinet and without an agent the queue says so", "[kktctl]")
{
    Shop alone;
    fill(alone.journal());
    CHECK_THAT(alone.run("queue ls").out, Catch::Contains("Почему ждут: кабинет не настроен"));
    CHECK(alone.run("queue ls --json").json()["delay"]["state"] == "no_cabinet");
    Shop stopped("https://127.0.0.1:9");
    fill(stopped.journal());
    CHECK_THAT(stopped.run("queue ls").out, Catch::Contains("Почему ждут: служба kkt-agent не отвечает"));
    CHECK(stopped.run("queue ls --json").json()["delay"]["state"] == "no_agent");
}

TEST_CASE("a long queue is counted, not poured out", "[kktctl]")
{
    Shop shop;
    fill_with(shop.journal(), 300);
    const Answer told = shop.run("queue ls");
    CHECK_THAT(told.out, Catch::Contains("Не отправлено документов: 300") && Catch::Contains("… и ещё 280") &&
                             Catch::Contains("1–2, 4–5"));
    CHECK(lines_with(told.out, "2024-03-01T09:15:00") == 20);
    const Json json = shop.run("queue ls --json").json();
    CHECK(json["unsent"] == 300);
    CHECK(json["fns"][0]["documents"] == 300);
    CHECK(json["fns"][0]["unsent"].size() == 100);
    CHECK(json["fns"][0]["more_ranges"] == 50);
    CHECK(json["waiting"].size() == 20);
    CHECK(shop.run("queue ls --json --limit 3").json()["waiting"].size() == 3);
    CHECK(shop.run("queue ls --json --limit 0").json()["waiting"].size() == 300);
}

TEST_CASE("one document's way is told: waiting, set aside, delivered, never read", "[kktctl]")
{
    Shop shop;
    {
        auto journal = shop.journal();
        REQUIRE(journal.documents().append(
            {document(1, kReceipt, 3), document(2, kReceipt, 3), document(3, kReceipt, 3)}));
        const auto batch = journal.outbox().next_batch({});
        REQUIRE(batch);
        storage::FnAnswer answer;
        answer.fn_serial = kFn;
        answer.missing = {{3, 3}};
        answer.rejected = {{2, "bad_tlv", "tag 1020 twice"}};
        REQUIRE(journal.outbox().acknowledge(*batch, {answer}, UtcMs{}));
    }
    const auto place = [&](const std::string& number) {
        return shop.run("queue show " + std::string(kFn) + " " + number + " --json")
            .json()["place"]
            .get<std::string>();
    };
    CHECK(place("1") == "delivered");
    CHECK(place("2") == "set_aside");
    CHECK(place("3") == "waiting");
    const Answer absent = shop.run("queue show " + std::string(kFn) + " 4");
    CHECK(absent.code == 4);
    CHECK_THAT(absent.err, Catch::Contains("не ждёт отправки"));
    CHECK_THAT(shop.run("queue show " + std::string(kFn) + " 2").out,
               Catch::Contains("не принял кабинет: документ не разбирается") &&
                   Catch::Contains("tag 1020 twice"));
    CHECK_THAT(shop.run("queue show " + std::string(kFn) + " 1").out, Catch::Contains("Кабинет его получил"));
}

TEST_CASE("documents that wait for their register's number are told apart", "[kktctl]")
{
    Shop shop;
    {
        auto journal = shop.journal();
        auto nameless = document(7, kReceipt, 3);
        nameless.kkt_serial.clear();
        REQUIRE(journal.documents().append({nameless}));
    }
    CHECK_THAT(shop.run("queue ls").out,
               Catch::Contains("без номера") && Catch::Contains("в кассе не введён заводской номер"));
    const Json json = shop.run("queue ls --json").json();
    CHECK(json["fns"][0]["reason"] == "no_kkt_serial");
    CHECK(shop.run("queue check --json").json()["without_kkt_serial"] == 1);
}

TEST_CASE("queue check finds a waiting document that could not be sent", "[kktctl]")
{
    Shop shop;
    {
        auto journal = shop.journal();
        REQUIRE(journal.documents().append({document(7, kReceipt, 3)}));
    }
    const Answer sound = shop.run("queue check");
    CHECK(sound.code == 0);
    CHECK_THAT(sound.out, Catch::Contains("Очередь исправна") && Catch::Contains("проверены: 1"));
    {
        auto journal = shop.journal();
        REQUIRE(journal.documents().append({document(8, kReceipt, 3)})); // the bytes are those of FD 7
    }
    const Answer foreign = shop.run("queue check --json");
    CHECK(foreign.code == 3);
    REQUIRE(foreign.json()["problems"].size() == 1);
    CHECK_THAT(foreign.json()["problems"][0].get<std::string>(), Catch::Contains("is FD 7 of FN"));
    CHECK(shop.run("queue check").code == 3);
}
