#include "drivers/emulator/register_options.hpp"

#include "drivers/emulator/make.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <sstream>

namespace kb::emulator {

namespace {

using Wanted = std::optional<std::string>;

template <class T>
Wanted number(T& into, const std::string& text, std::uint64_t least, std::uint64_t most)
{
    std::uint64_t value = 0;
    const char* end = text.data() + text.size();
    const auto parsed = std::from_chars(text.data(), end, value);
    if (parsed.ec != std::errc{} || parsed.ptr != end || value < least || value > most)
        return "want a number from " + std::to_string(least) + " to " + std::to_string(most);
    into = static_cast<T>(value);
    return {};
}

Wanted flag(bool& into, const std::string& text)
{
    if (text != "true" && text != "false")
        return "want true or false";
    into = text == "true";
    return {};
}

Wanted name(RegisterOptions& options, const std::string& text)
{
    constexpr std::string_view kLetters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";
    if (text.empty() || text.size() > 32 || text.find_first_not_of(kLetters) != std::string::npos)
        return "want 1 to 32 Latin letters, digits, _ and -";
    options.name = text;
    return {};
}

Wanted listen(RegisterOptions& options, const std::string& text)
{
    if ((!text.starts_with("pty:") && !text.starts_with("tcp:")) || text.size() <= 4)
        return "want pty:PATH or tcp:HOST:PORT";
    options.listen = text;
    return {};
}

Wanted baud(RegisterOptions& options, const std::string& text)
{
    if (text == "auto") {
        options.baud.reset();
        return {};
    }
    std::uint32_t speed = 0;
    if (const auto wanted = number(speed, text, 300, 4'000'000))
        return *wanted + ", or auto";
    options.baud = speed;
    return {};
}

Wanted sales(RegisterOptions& options, const std::string& text)
{
    if (!sales_pause_ns(text))
        return "want 2/s, 30/min or 100/h";
    options.sales = text;
    return {};
}

Wanted ffd(RegisterOptions& options, const std::string& text)
{
    if (text != "1.05" && text != "1.1" && text != "1.2")
        return "want 1.05, 1.1 or 1.2";
    options.ffd = text;
    return {};
}

Wanted fn_serial(RegisterOptions& options, const std::string& text)
{
    if (text.size() != 16 || text.find_first_not_of("0123456789") != std::string::npos)
        return "want 16 digits";
    options.fn_serial = text;
    return {};
}

Wanted quirk(RegisterOptions& options, const std::string& text)
{
    std::istringstream words(text);
    for (std::string word; std::getline(words, word, ',');)
        options.quirks.push_back(word);
    return {};
}

using Options = RegisterOptions;
using Text = std::string;
constexpr std::array kKeys = {
    RegisterKey{"name", "What the control API calls it (default: kkt, or kkt1, kkt2 ...)", "till-1", false,
                &name},
    RegisterKey{"family", "Family of registers (default: whichever has the model)", "shtrih", false,
                [](Options& o, const Text& text) {
                    o.family = text;
                    return Wanted{};
                }},
    RegisterKey{"model", "Model, see `kkt-emulator models` (default: the family's first)", "shtrih-m-02f",
                false,
                [](Options& o, const Text& text) {
                    o.model = text;
                    return Wanted{};
                }},
    RegisterKey{"listen", "pty:PATH (a link to the port) or tcp:HOST:PORT", "pty:/tmp/till-1", false,
                &listen},
    RegisterKey{"framing", "Protocol, one of the model's, or auto (the first byte decides)", "auto", false,
                [](Options& o, const Text& text) {
                    o.framing = text;
                    return Wanted{};
                }},
    RegisterKey{"baud",
                "Line speed: a pty follows the host unless given; TCP is not slowed down unless given",
                "auto", false, &baud},
    RegisterKey{"state", "File in which the register survives", "/var/tmp/till-1.state", false,
                [](Options& o, const Text& text) {
                    o.state = text;
                    return Wanted{};
                }},
    RegisterKey{"sales", "Play a cashier: 2/s, 30/min, 100/h", "30/min", false, &sales},
    RegisterKey{"think_ms", "Time to execute a command, ms", "0", false,
                [](Options& o, const Text& text) { return number(o.think_ms, text, 0, 600'000); }},
    RegisterKey{"print_ms", "Time to print a document, ms (default 150)", "150", false,
                [](Options& o, const Text& text) { return number(o.print_ms, text, 0, 600'000); }},
    RegisterKey{"preload", "Fill the FN up to this many documents", "1000", false,
                [](Options& o, const Text& text) { return number(o.preload, text, 0, 250'000); }},
    RegisterKey{"seed", "Makes sales, faults and numbers repeatable; also the register's number", "1", false,
                [](Options& o, const Text& text) {
                    std::uint64_t seed = 0;
                    auto wanted = number(seed, text, 0, INT64_MAX);
                    if (!wanted)
                        o.seed = seed;
                    return wanted;
                }},
    RegisterKey{"ffd", "FFD version at registration: 1.05, 1.1, 1.2 (default: the model's)", "1.2", false,
                &ffd},
    RegisterKey{"serial", "Factory number, as many digits as the model has", "0049361208000001", false,
                [](Options& o, const Text& text) {
                    o.serial = text;
                    return Wanted{};
                }},
    RegisterKey{"fn_serial", "FN number, 16 digits", "9999078900000001", false, &fn_serial},
    RegisterKey{"quirk", "A habit of some units, see `kkt-emulator models`; several with commas", "stray_ff",
                false, &quirk},
    RegisterKey{"ofd_silent", "Start with an OFD that gives no tickets", "false", true,
                [](Options& o, const Text& text) { return flag(o.ofd_silent, text); }},
};

template <class Field>
std::optional<Clash> same(const std::vector<RegisterOptions>& registers, std::string_view key, Field field)
{
    for (std::size_t i = 0; i < registers.size(); ++i)
        for (std::size_t j = 0; j < i; ++j)
            if (const std::string& value = registers[i].*field;
                !value.empty() && value == registers[j].*field)
                return Clash{i,
                             {std::string(key), "\"" + value + "\" is also that of register " +
                                                    std::to_string(j + 1) + "; give each its own"}};
    return {};
}

} // namespace

std::span<const RegisterKey> register_keys() { return kKeys; }

const RegisterKey* find_register_key(std::string_view name)
{
    const auto at =
        std::find_if(kKeys.begin(), kKeys.end(), [name](const RegisterKey& key) { return key.name == name; });
    return at == kKeys.end() ? nullptr : &*at;
}

std::string register_key_names()
{
    std::string names;
    for (const RegisterKey& key : kKeys)
        names += (names.empty() ? "" : ", ") + std::string(key.name);
    return names;
}

std::optional<Complaint> set_words(RegisterOptions& options, const std::string& words)
{
    std::istringstream in(words);
    for (std::string word; in >> word;) {
        const std::size_t equals = word.find('=');
        const std::string name = word.substr(0, equals);
        const RegisterKey* key = find_register_key(name);
        if (key == nullptr)
            return Complaint{name, "no such key; write one of: " + register_key_names()};
        if (equals == std::string::npos)
            return Complaint{name, "has no value; write " + name + "=" + std::string(key->example)};
        const std::string value = word.substr(equals + 1);
        if (const auto wanted = key->set(options, value))
            return Complaint{name, "\"" + value + "\", " + *wanted};
    }
    return {};
}

std::optional<Complaint> check_register(const RegisterOptions& options)
{
    if (options.listen.empty())
        return Complaint{"listen", "is missing; write listen=pty:PATH or listen=tcp:HOST:PORT"};
    const auto chosen = choose_model(options.family, options.model);
    if (!chosen)
        return Complaint{options.model.empty() ? "family" : "model", chosen.error().context};
    if (const auto fits = check_framing(*chosen->model, options.framing); !fits)
        return Complaint{"framing", fits.error().context};
    for (const std::string& quirk : options.quirks)
        if (const auto known = check_quirk(*chosen->make, quirk); !known)
            return Complaint{"quirk", known.error().context};
    if (!options.serial.empty())
        if (const auto fits = check_serial(*chosen->model, options.serial); !fits)
            return Complaint{"serial", fits.error().context};
    return {};
}

std::optional<Clash> settle_registers(std::vector<RegisterOptions>& registers)
{
    for (std::size_t i = 0; i < registers.size(); ++i) {
        RegisterOptions& options = registers[i];
        if (options.name.empty())
            options.name = registers.size() == 1 ? "kkt" : "kkt" + std::to_string(i + 1);
        if (!options.seed)
            options.seed = i + 1;
    }
    for (const auto& clash :
         {same(registers, "name", &RegisterOptions::name), same(registers, "state", &RegisterOptions::state)})
        if (clash)
            return clash;
    auto clash = same(registers, "listen", &RegisterOptions::listen);
    // Port 0 is a free one for each.
    return clash && registers[clash->index].listen.ends_with(":0") ? std::nullopt : clash;
}

std::optional<std::int64_t> sales_pause_ns(const std::string& rate)
{
    double count = 0;
    const auto parsed = std::from_chars(rate.data(), rate.data() + rate.size(), count);
    const std::string unit(parsed.ptr, rate.data() + rate.size());
    const double seconds = unit == "/s" || unit.empty() ? 1 : unit == "/min" ? 60 : unit == "/h" ? 3600 : 0;
    if (parsed.ec != std::errc{} || !(count > 0) || count > 1e6 || seconds == 0)
        return std::nullopt;
    return static_cast<std::int64_t>(seconds / count * 1e9);
}

} // namespace kb::emulator
