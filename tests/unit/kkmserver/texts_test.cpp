// The words that make a public client register a receipt again, and the other texts of the interface.
#include "agent/api/kkmserver/answers.hpp"
#include "agent/api/kkmserver/lines.hpp"
#include "agent/explanations.hpp"

#include <catch2/catch.hpp>

using namespace kb;
using namespace kb::agent;
using namespace kb::agent::kkmserver;

namespace {

constexpr const char* kDangers[] = {"смена",         "Смена закрыта", "СМЕНА ОТКРЫТА", "со сМеНой",
                                    "24 часа смены", "сменный",       "лицензия",      "Лицензии",
                                    "ЛИЦЕНЗИЮ",      "без лицензий",  "\xFFсмена"};

/// Every name of a failure there is.
std::vector<Errc> all_codes()
{
    std::vector<Errc> codes;
    for (int code = 0; to_string(static_cast<Errc>(code)) != to_string(static_cast<Errc>(100'000)); ++code)
        codes.push_back(static_cast<Errc>(code));
    return codes;
}

JobView job_in(storage::JobState state)
{
    JobView view;
    view.job.state = state;
    view.job.asked.kind = "receipt";
    return view;
}

void check_harmless(const Answer& answer)
{
    const auto json = answer.json();
    for (const char* member : {"Error", "Message", "Warning"}) {
        INFO(json.at(member));
        CHECK_FALSE(has_danger_stem(json.at(member).get<std::string>()));
    }
}

} // namespace

TEST_CASE("the dangerous stems are seen in every form and capital", "[kkmserver]")
{
    for (const char* text : kDangers) {
        INFO(text);
        CHECK(has_danger_stem(text));
        CHECK_FALSE(has_danger_stem(told(Made::unknown, text)));
        CHECK_FALSE(has_danger_stem(told(Made::unknown, "ответа нет (" + std::string(text) + ")")));
        CHECK(told(Made::nothing, text) == text);
    }
    for (const char* text :
         {"", "нет бумаги", "изменение", "применена", "см. ена", "cмена latin c", "ценз"}) {
        INFO(text);
        CHECK_FALSE(has_danger_stem(text));
        CHECK(told(Made::unknown, text) == text);
    }
}

TEST_CASE("no answer to a receipt that may have been made has a dangerous word, whatever stands behind it",
          "[kkmserver]")
{
    const auto codes = all_codes();
    REQUIRE(codes.size() > 30);
    for (const auto state : {storage::JobState::queued, storage::JobState::printing,
                             storage::JobState::unknown, storage::JobState::undecided}) {
        for (const Errc code : codes) {
            for (const char* detail : kDangers) {
                JobView view = job_in(state);
                view.obstacle = JobObstacle{code, "job", detail};
                view.job.outcome.error_code = to_string(code);
                view.job.outcome.error_text = detail;
                for (const bool person : {false, true}) {
                    view.person_may_decide = person;
                    Answer answer("RegisterCheck", "id");
                    tell_job(answer, view);
                    check_harmless(answer);
                    Answer outer("GetRezult", "id");
                    outer.wrap(answer);
                    check_harmless(outer);
                    if (state != storage::JobState::undecided)
                        CHECK(answer.error().empty());
                }
            }
        }
    }
}

TEST_CASE("what was refused says why, and may name the shift", "[kkmserver]")
{
    JobView view = job_in(storage::JobState::refused);
    view.job.outcome.error_code = "wrong_mode";
    view.job.outcome.error_text = "the shift is closed: open it";
    Answer answer("RegisterCheck", "id");
    tell_job(answer, view);
    CHECK(answer.status() == Status::error);
    CHECK(answer.error().find("Смена закрыта") != std::string::npos);
    for (const Errc code : all_codes()) {
        view.job.outcome.error_code = to_string(code);
        view.job.outcome.error_text = "подробности";
        Answer other("RegisterCheck", "id");
        tell_job(other, view);
        CHECK(other.status() == Status::error);
        CHECK(other.error().find("подробности") != std::string::npos);
    }
}

TEST_CASE("members are called as clients know them", "[kkmserver]")
{
    CHECK(member_name("items[2].price") == "Register[2].Price");
    CHECK(member_name("items[10].marking.code") == "Register[10].GoodCodeData.BarCode");
    CHECK(member_name("items[0]") == "Register[0]");
    CHECK(member_name("payments.cash") == "Cash");
    CHECK(member_name("anything.else") == "anything.else");
}

TEST_CASE("commands are known by their names, in capitals or not", "[kkmserver]")
{
    CHECK(command_of("RegisterCheck") == Command::register_check);
    CHECK(command_of("registercheck") == Command::register_check);
    CHECK(command_of("GetCounters") == Command::get_counters);
    CHECK(command_of("Get\u0421ounters") == Command::get_counters);
    CHECK(command_of("ZReport") == Command::close_shift);
    CHECK_FALSE(command_of("RegisterCheck "));
    CHECK_FALSE(command_of(""));
}

TEST_CASE("marks of texts become lines of the paper", "[kkmserver]")
{
    const auto line = [](const char* text, std::size_t width = 20) {
        return text_lines(text, false, width).at(0);
    };
    CHECK(line("<<->>").text == std::string(20, '-'));
    CHECK(line("<<ё>>", 3).text == "ёёё");
    CHECK(line("<<>>").text == "<<>>");
    CHECK(line("<<ab>>").text == "<<ab>>");
    CHECK(line(">#2#<Привет").text == "Привет");
    CHECK(line(">#2#<Привет").align == fiscal::PrintItem::Align::center);
    CHECK(line("Итого:<#10#>15,00").text == "Итого:         15,00");
    CHECK(line("Итого:<#8#>>15,00").text == "Итого:         15,00");
    CHECK(line("Длинное название<#0#>=15,00").text == "Длинное название =15,00");
    CHECK(line("a<#b#>c").text == "a<#b#>c");
    CHECK(line("обычная\tстрока").text == "обычная строка");
    const auto lines = text_lines("одна\r\nдве\n", true, 20);
    REQUIRE(lines.size() == 3);
    CHECK(lines[1].text == "две");
    CHECK(lines[1].wide);
    CHECK(lines[2].text.empty());
}

TEST_CASE("phones are written as registers want them, and nothing else is touched", "[kkmserver]")
{
    CHECK(contact_of("+79161234567") == "+79161234567");
    CHECK(contact_of("8 (916) 123-45-67") == "+79161234567");
    CHECK(contact_of("7 916 123 45 67") == "+79161234567");
    CHECK(contact_of("9161234567") == "+79161234567");
    CHECK(contact_of("+375 29 123-45-67") == "+375291234567");
    CHECK(contact_of("buyer@example.org") == "buyer@example.org");
    CHECK(contact_of("8916123456") == "+78916123456"); // ten digits: a number without its country
    CHECK(contact_of("12345") == "12345");
    CHECK(contact_of("нет") == "нет");
    CHECK(contact_of("").empty());
}
