// Every failure has words for people, in both languages.
#include "agent/explanations.hpp"

#include <catch2/catch.hpp>

#include <fstream>
#include <regex>
#include <set>
#include <sstream>

using namespace kb;
using namespace kb::agent;

namespace {

/// The names in the first column of the tables of docs/device-states.md.
std::set<std::string> states_of_the_document()
{
    const std::ifstream file(KB_DEVICE_STATES);
    REQUIRE(file.is_open());
    std::ostringstream text;
    text << file.rdbuf();
    std::istringstream lines(text.str());
    std::set<std::string> names;
    const std::regex name("`([a-z_]+)`");
    for (std::string line; std::getline(lines, line);) {
        if (!line.starts_with("| `")) {
            continue;
        }
        const std::string first = line.substr(0, line.find('|', 1));
        for (std::sregex_iterator at(first.begin(), first.end(), name), end; at != end; ++at) {
            CHECK(names.insert((*at)[1]).second); // each is told once
        }
    }
    return names;
}

} // namespace

TEST_CASE("docs/device-states.md names every state of the search for a register, and nothing else than names",
          "[kktctl]")
{
    const std::set<std::string> told = states_of_the_document();
    for (const std::string& name : told) {
        INFO(name);
        CHECK(errc_of(name));
    }
    // The first groups of Errc are about the line and who is on it; the rest of these keep a register
    // waiting.
    std::vector<Errc> states{Errc::wrong_password, Errc::wrong_device,       Errc::wrong_mode,
                             Errc::device_busy,    Errc::device_refused,     Errc::unsupported,
                             Errc::no_paper,       Errc::waits_for_continue, Errc::no_kkt_serial,
                             Errc::network_failed, Errc::library_missing};
    for (int code = static_cast<int>(Errc::port_not_found); code <= static_cast<int>(Errc::duplicate_serial);
         ++code) {
        states.push_back(static_cast<Errc>(code));
    }
    for (const Errc state : states) {
        INFO(to_string(state));
        CHECK(told.contains(std::string(to_string(state))));
    }
}

TEST_CASE("every name of a failure has a cause and a cure in both languages", "[kktctl]")
{
    std::set<std::string> causes;
    int known = 0;
    for (; to_string(static_cast<Errc>(known)) != "unnamed"; ++known) {
        const Errc code = static_cast<Errc>(known);
        INFO(to_string(code));
        CHECK(errc_of(to_string(code)) == code);
        const Explanation why = explain(code);
        for (const Text& text : {why.cause, why.cure}) {
            const std::string russian = text.in(Language::russian);
            const std::string english = text.in(Language::english);
            REQUIRE_FALSE(russian.empty());
            REQUIRE_FALSE(english.empty());
            CHECK((russian[0] == '\xD0' || russian[0] == '\xD1')); // a Russian letter in UTF-8
            CHECK(static_cast<unsigned char>(english[0]) < 0x80);
        }
        CHECK(causes.insert(why.cause.in(Language::russian)).second); // causes are kept apart
    }
    CHECK(known > 30);
    CHECK_FALSE(errc_of("no_such_name"));
    CHECK_FALSE(errc_of("unnamed"));
}
