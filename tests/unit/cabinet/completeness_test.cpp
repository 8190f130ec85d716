// Are the sums of a period whole? Gaps made on purpose, with known truth.
#include "cabinet/store/completeness.hpp"
#include "tests/unit/cabinet/api_support.hpp"

#include <random>

using namespace kb;
using namespace kb::cabinet;
using namespace kb::cabinet::test;
using store::Belongs;

namespace {

constexpr const char* kKkt = "00106900000001";

LocalSeconds at(const std::string& text) { return local_from_text(text).value(); }

cabinet_api::DocumentMessage made(std::uint32_t fd_number, LocalSeconds datetime)
{
    auto plan = receipt(fd_number);
    plan.datetime = datetime;
    return full_document(plan);
}

/// A sample as the register tells it: its last number, when that document was made, and its own clock.
std::string told(std::uint32_t last_fd, const std::string& last_document_at, const std::string& device_clock)
{
    auto status = nlohmann::json::parse(sample_json(kKkt, kFn, last_fd));
    auto& sample = status["samples"][0];
    sample["fn"]["phase"] = 3;
    if (!last_document_at.empty())
        sample["fn"]["last_document_at"] = last_document_at;
    if (!device_clock.empty())
        sample["device_clock"] = device_clock;
    return status.dump();
}

/// 1..3 of 1 March, 6..7 of 3 March, 8..10 made until noon of 5 March; 4..5 and 8..10 are missing.
struct Shop {
    Shop()
    {
        (void)cabinet.send_documents(alice,
                                     {made(1, at("2024-03-01T09:00:00")), made(2, at("2024-03-01T10:00:00")),
                                      made(3, at("2024-03-01T11:00:00")), made(6, at("2024-03-03T09:00:00")),
                                      made(7, at("2024-03-03T10:00:00"))});
        tell("2024-03-05T12:00:00", "2024-03-05T18:00:00");
    }
    void tell(const std::string& last_document_at, const std::string& device_clock)
    {
        REQUIRE(cabinet.agent_post(alice, "/api/agent/v1/status", told(10, last_document_at, device_clock))
                    .status == 200);
    }
    nlohmann::json of(const std::string& from, const std::string& to)
    {
        const auto totals = body_of(cabinet.get(alice, "/api/v1/totals?from=" + from + "&to=" + to));
        REQUIRE(totals["completeness"].size() == 1);
        return totals["completeness"][0];
    }

    TestCabinet cabinet;
    TestCabinet::Owner alice = cabinet.add_owner("alice");
};

} // namespace

TEST_CASE("a gap counts for the period its neighbours put it into", "[cabinet][completeness]")
{
    Shop shop;
    struct Wanted {
        const char* from;
        const char* to;
        int missing;
        int at_most;
    };
    const auto wanted =
        GENERATE(Wanted{"2024-03-01", "2024-03-05", 5, 5}, // both gaps lie inside
                 Wanted{"2024-03-01", "2024-03-03", 2, 5}, // 8..10 may be of the 3rd
                 Wanted{"2024-03-01", "2024-03-01", 0, 2}, // 4..5 may be of the 1st, 2nd or 3rd
                 Wanted{"2024-03-02", "2024-03-02", 0, 2}, Wanted{"2024-03-03", "2024-03-03", 0, 5},
                 Wanted{"2024-03-04", "2024-03-04", 0, 3}, Wanted{"2024-03-04", "2024-03-09", 0, 3},
                 Wanted{"2024-03-03", "2024-03-09", 3, 5}, Wanted{"2024-03-06", "2024-03-06", 0, 0},
                 Wanted{"2024-02-01", "2024-02-29", 0, 0});
    CAPTURE(wanted.from, wanted.to);
    const auto told_of = shop.of(wanted.from, wanted.to);
    CHECK(told_of["missing"] == wanted.missing);
    CHECK(told_of["missing_at_most"] == wanted.at_most);
    CHECK(told_of["silent"] == false); // its agent has just called
    CHECK(told_of["complete"] == (wanted.at_most == 0));
}

TEST_CASE("each missing range comes with the times that bound it", "[cabinet][completeness]")
{
    Shop shop;
    const auto ranges = shop.of("2024-03-01", "2024-03-03")["missing_ranges"];
    REQUIRE(ranges.size() == 2);
    CHECK(ranges[0]["from"] == 4);
    CHECK(ranges[0]["to"] == 5);
    CHECK(ranges[0]["not_before"] == "2024-03-01T11:00:00");
    CHECK(ranges[0]["not_after"] == "2024-03-03T09:00:00");
    CHECK(ranges[0]["certain"] == true);
    CHECK(ranges[1]["from"] == 8);
    CHECK(ranges[1]["not_after"] == "2024-03-05T12:00:00");
    CHECK(ranges[1]["certain"] == false);
    (void)shop.cabinet.send_documents(shop.alice, {made(5, at("2024-03-02T09:00:00"))});
    CHECK(shop.of("2024-03-03", "2024-03-05")["missing_ranges"].size() == 1); // 4 is of the 1st or 2nd now
}

TEST_CASE("documents before the first one held may be of any time before it", "[cabinet][completeness]")
{
    TestCabinet cabinet;
    const auto alice = cabinet.add_owner("alice");
    (void)cabinet.send_documents(alice, {made(4, at("2024-03-03T09:00:00"))});
    const auto of = [&](const std::string& day) {
        return body_of(cabinet.get(alice, "/api/v1/totals?from=" + day + "&to=" + day))["completeness"][0];
    };
    CHECK(of("2020-01-01")["missing_at_most"] == 3);
    CHECK(of("2024-03-03")["missing"] == 0);
    CHECK(of("2024-03-03")["missing_at_most"] == 3);
    CHECK(of("2024-03-04")["missing_at_most"] == 0);
}

TEST_CASE("the newest gap reaches to the register's own clock when it does not say more",
          "[cabinet][completeness]")
{
    TestCabinet cabinet;
    const auto alice = cabinet.add_owner("alice");
    (void)cabinet.send_documents(alice, {made(1, at("2024-03-01T09:00:00"))});
    const auto of = [&](const std::string& day) {
        return body_of(cabinet.get(alice, "/api/v1/totals?from=" + day + "&to=" + day))["completeness"][0];
    };
    const auto tell = [&](const std::string& clock) {
        CHECK(cabinet.agent_post(alice, "/api/agent/v1/status", told(3, "", clock)).status == 200);
    };
    tell("");
    CHECK(of("2024-03-09")["missing_at_most"] == 2); // until whenever
    tell("2024-03-02T18:00:00");
    CHECK(of("2024-03-09")["missing_at_most"] == 0);
    CHECK(of("2024-03-02")["missing_at_most"] == 2);
    CHECK(of("2024-03-01")["missing_at_most"] == 2);
}

TEST_CASE("a register that cannot be reached may have sold since it was last heard",
          "[cabinet][completeness]")
{
    Shop shop;
    shop.cabinet.clock.step(std::chrono::seconds(91));
    const auto after = shop.of("2024-03-06", "2024-03-06");
    CHECK(after["missing_at_most"] == 0);
    CHECK(after["silent"] == true);
    CHECK(after["silent_since"] == "2024-03-05T18:00:00");
    CHECK(after["complete"] == false);
    const auto before = shop.of("2024-02-01", "2024-03-04"); // over before it fell silent
    CHECK(before["silent"] == false);
    CHECK(before["silent_since"].is_null());
}

TEST_CASE("a register with a closed FN is not waited for", "[cabinet][completeness]")
{
    TestCabinet cabinet;
    const auto alice = cabinet.add_owner("alice");
    (void)cabinet.send_documents(alice, {made(1, at("2024-03-01T09:00:00"))});
    auto status = nlohmann::json::parse(told(1, "2024-03-01T09:00:00", "2024-03-01T18:00:00"));
    status["samples"][0]["fn"]["phase"] = 15;
    CHECK(cabinet.agent_post(alice, "/api/agent/v1/status", status.dump()).status == 200);
    cabinet.clock.step(std::chrono::hours(1));
    const auto totals = body_of(cabinet.get(alice, "/api/v1/totals?from=2024-03-09&to=2024-03-09"));
    CHECK(totals["completeness"][0]["complete"] == true);
}

TEST_CASE("only the register asked for is told of", "[cabinet][completeness]")
{
    Shop shop;
    auto other = receipt(3);
    other.fn_serial = "9999078900005678";
    other.kkt_serial = "00106900000002";
    (void)shop.cabinet.send_documents(shop.alice, {full_document(other)});
    const std::string period = "/api/v1/totals?from=2024-03-01&to=2024-03-31";
    CHECK(body_of(shop.cabinet.get(shop.alice, period))["completeness"].size() == 2);
    const auto one =
        body_of(shop.cabinet.get(shop.alice, period + "&register=00106900000002"))["completeness"];
    REQUIRE(one.size() == 1);
    CHECK(one[0]["kkt_serial"] == "00106900000002");
    CHECK(one[0]["missing_at_most"] == 2);
}

TEST_CASE("a gap between equal minutes, put-back clocks and open ends", "[cabinet][completeness]")
{
    const store::Period day{at("2024-03-02T00:00:00"), at("2024-03-02T23:59:59")};
    const auto gap = [](std::optional<LocalSeconds> not_before, std::optional<LocalSeconds> not_after) {
        return store::Gap{{1, 2}, not_before, not_after};
    };
    CHECK(belongs(gap(at("2024-03-02T00:00:30"), at("2024-03-02T23:59:00")), day) == Belongs::yes);
    // The minute before midnight, without its seconds, is not of the next day.
    CHECK(belongs(gap(at("2024-03-01T12:00:00"), at("2024-03-01T23:59:00")), day) == Belongs::no);
    CHECK(belongs(gap(at("2024-03-01T12:00:00"), at("2024-03-02T00:00:00")), day) == Belongs::maybe);
    CHECK(belongs(gap(at("2024-03-03T00:00:00"), at("2024-03-04T00:00:00")), day) == Belongs::no);
    CHECK(belongs(gap(at("2024-03-02T12:00:00"), at("2024-03-02T11:00:00")), day) == Belongs::yes);
    CHECK(belongs(gap(at("2024-03-02T12:00:00"), at("2024-03-01T11:00:00")), day) == Belongs::maybe);
    CHECK(belongs(gap(std::nullopt, at("2024-03-01T00:00:00")), day) == Belongs::no);
    CHECK(belongs(gap(std::nullopt, at("2024-03-02T00:00:00")), day) == Belongs::maybe);
    CHECK(belongs(gap(at("2024-03-02T12:00:00"), std::nullopt), day) == Belongs::maybe);
    CHECK(belongs(gap(at("2024-03-03T12:00:00"), std::nullopt), day) == Belongs::no);
    CHECK(belongs(gap(std::nullopt, std::nullopt), day) == Belongs::maybe);
}

TEST_CASE("what is told of a period never contradicts the truth", "[cabinet][completeness][property]")
{
    const auto seed = std::random_device{}();
    CAPTURE(seed);
    std::mt19937 random(seed);
    TestCabinet cabinet;
    const auto alice = cabinet.add_owner("alice");
    constexpr std::uint32_t kDocuments = 60;
    std::vector<LocalSeconds> times{at("2024-03-01T00:00:00")};
    std::vector<bool> held{false};
    std::vector<cabinet_api::DocumentMessage> sent;
    for (std::uint32_t fd = 1; fd <= kDocuments; ++fd) {
        times.push_back(times.back() + std::chrono::minutes(random() % (12 * 60)));
        held.push_back(random() % 3 != 0);
        if (held.back())
            sent.push_back(made(fd, times.back()));
    }
    std::shuffle(sent.begin(), sent.end(), random);
    (void)cabinet.send_documents(alice, sent);
    CHECK(cabinet
              .agent_post(
                  alice, "/api/agent/v1/status",
                  told(kDocuments, to_text(times.back()), to_text(times.back() + std::chrono::hours(1))))
              .status == 200);
    for (int i = 0; i < 40; ++i) {
        const auto first =
            std::chrono::local_days{std::chrono::year{2024} / 2 / 28} + std::chrono::days(random() % 40);
        const auto last = first + std::chrono::days(random() % 10);
        const std::string from = to_text(LocalSeconds{first}).substr(0, 10);
        const std::string to = to_text(LocalSeconds{last}).substr(0, 10);
        CAPTURE(from, to);
        int truth = 0;
        for (std::uint32_t fd = 1; fd <= kDocuments; ++fd)
            truth += !held[fd] && times[fd] >= first && times[fd] < last + std::chrono::days(1) ? 1 : 0;
        const auto told_of =
            body_of(cabinet.get(alice, "/api/v1/totals?from=" + from + "&to=" + to))["completeness"][0];
        CHECK(told_of["missing"].get<int>() <= truth);
        CHECK(truth <= told_of["missing_at_most"].get<int>());
    }
}
