// The book of models says only what it knows, how it knows it, and what to do where it does not.
#include "cabinet/catalogue.hpp"
#include "tests/unit/cabinet/cabinet_support.hpp"

#include <catch2/catch.hpp>

#include <fstream>

using namespace kb;
using namespace kb::cabinet;
using namespace kb::cabinet::test;

namespace {

Catalogue book() { return Catalogue::load(KB_CATALOGUE).value(); }

fiscal::DeviceInfo register_of(const std::string& family, const std::string& model,
                               std::optional<std::chrono::year_month_day> firmware = std::nullopt,
                               std::uint32_t build = 0)
{
    fiscal::DeviceInfo info;
    info.family = family;
    info.model = model;
    info.firmware_date = firmware;
    info.firmware_build = build;
    return info;
}

using std::chrono::year;
constexpr auto kOld = year{2023} / 5 / 30;
constexpr auto kGood = year{2023} / 5 / 31;

std::vector<std::string> problems_of(const std::string& text)
{
    TempDir dir;
    const std::string file = dir.path() + "/catalogue.toml";
    std::ofstream(file) << text;
    std::vector<std::string> lines;
    for (const ConfigProblem& problem : Catalogue::read(file, Language::english).problems)
        lines.push_back(problem.text("").substr(problem.line == 0 ? 2 : 1));
    return lines;
}

} // namespace

TEST_CASE("each family is judged by its own row, with how sure that is", "[cabinet][catalogue]")
{
    struct Row {
        std::string family;
        std::string model;
        Confidence confidence;
    };
    const auto row =
        GENERATE(Row{"shtrih", "ШТРИХ-М-02Ф", Confidence::vendor_code},
                 Row{"shtrih", "ШТРИХ-ON-LINE", Confidence::vendor_code},
                 Row{"shtrih", "ШТРИХ-НАНО-Ф", Confidence::vendor_code},
                 Row{"retail", "РИТЕЙЛ-01Ф", Confidence::vendor_code},
                 Row{"retail", "РИТЕЙЛ-КОМБО-01Ф", Confidence::guess}, Row{"rr", "РР-03Ф", Confidence::guess},
                 Row{"elves", "ЭЛВЕС-ФР-Ф", Confidence::guess});
    CAPTURE(row.model);
    const auto old_one = book().firmware(register_of(row.family, row.model, kOld));
    CHECK(old_one.verdict == "too_old");
    CHECK(old_one.confidence == row.confidence);
    CHECK_FALSE(old_one.source.empty());
    CHECK_FALSE(old_one.cost.empty());
    CHECK(old_one.advice.empty());
    const auto good_one = book().firmware(register_of(row.family, row.model, kGood));
    CHECK(good_one.verdict == "current");
    CHECK(good_one.cost.empty());
    const auto silent = book().firmware(register_of(row.family, row.model));
    CHECK(silent.verdict == "unknown");
    CHECK_FALSE(silent.advice.empty());
}

TEST_CASE("of what nobody knows it says so, and what to do", "[cabinet][catalogue]")
{
    const auto [family, model] = GENERATE(table<std::string, std::string>({{"atol", "АТОЛ 30Ф"},
                                                                           {"elves", "ЭЛВЕС-МФ"},
                                                                           {"elves", "ШТРИХ-ЭЛВЕС-МФ"},
                                                                           {"acme", "ACME 1"},
                                                                           {"", ""}}));
    CAPTURE(family, model);
    const auto verdict = book().firmware(register_of(family, model, year{2010} / 1 / 1, 17));
    CHECK(verdict.verdict == "unknown");
    CHECK_FALSE(verdict.advice.empty());
    CHECK(verdict.cost.empty());
    CHECK(verdict.confidence == Confidence::none);
    CHECK_FALSE(verdict.known_current);
}

TEST_CASE("the newest firmware is told only of the model it was seen on", "[cabinet][catalogue]")
{
    CHECK(book().firmware(register_of("shtrih", "ШТРИХ-НАНО-Ф", kGood)).known_current == year{2026} / 1 / 21);
    CHECK_FALSE(book().firmware(register_of("shtrih", "ШТРИХ-М-02Ф", kGood)).known_current);
    CHECK_FALSE(book().firmware(register_of("rr", "РР-04Ф", kGood)).known_current);
}

TEST_CASE("cash cores are judged by their build, whatever their date", "[cabinet][catalogue]")
{
    const auto verdict = [](std::uint32_t build) {
        return book().firmware(register_of("shtrih", "ШТРИХ-СМАРТПОС-Ф", year{2010} / 1 / 1, build)).verdict;
    };
    CHECK(verdict(43097) == "too_old");
    CHECK(verdict(43098) == "current");
    CHECK(verdict(0) == "unknown"); // it did not say
}

TEST_CASE("a missing or failing card costs something, an unknown one nothing", "[cabinet][catalogue]")
{
    const auto info = register_of("shtrih", "ШТРИХ-М-02Ф");
    fiscal::SdCard card;
    card.state = fiscal::SdCard::State::missing;
    CHECK(book().card(info, card).verdict == "missing");
    CHECK_FALSE(book().card(info, card).cost.empty());
    CHECK(book().card(info, std::nullopt).verdict == "unknown");
    CHECK(book().card(info, std::nullopt).cost.empty());
}

TEST_CASE("all mistakes in the book of models are told with their lines", "[cabinet][catalogue]")
{
    using Lines = std::vector<std::string>;
    const auto starts = [](const Lines& lines, const Lines& wanted) {
        REQUIRE(lines.size() == wanted.size());
        for (std::size_t i = 0; i < lines.size(); ++i)
            CHECK_THAT(lines[i], Catch::StartsWith(wanted[i]));
    };
    starts(problems_of(""), {"model: there is no section [[model]]. "});
    starts(problems_of("[model]\nfamily = \"a\"\n"), {"model: there is no section [[model]]. "});
    starts(problems_of("[[model]]\nfamily = 5\ncolour = \"red\"\nmodels = \"нано\"\n"
                       "[[model]]\noldest_good_firmware = \"2024-01-01\"\nconfidence = \"sure\"\n"),
           {"2: model[1].family: a quoted text is wanted, this is a whole number. ",
            "3: model[1].colour: there is no such key. ",
            "4: model[1].models: a list of quoted texts is wanted",
            "6: model[2].oldest_good_firmware: a date without quotes is wanted, this is a text. ",
            "7: model[2].confidence: the value \"sure\" is not one of the known. Known: seen, vendor_code, "
            "guess."});
    starts(problems_of("[[model]]\noldest_good_firmware = 2024-01-01\n"),
           {"1: model[1].confidence: where the figures on firmware come from is not told. ",
            "1: model[1].source: where the figures on firmware come from is not told. "});
    starts(problems_of("[[model]\n"), {"1: this is not TOML: "});
    CHECK(Catalogue::read("/nowhere/catalogue.toml", Language::russian).problems.size() == 1);
}
