#include "drivers/emulator/fleet.hpp"

#include <toml++/toml.h>

#include <algorithm>
#include <map>

namespace kb::emulator {

namespace {

class Reader {
public:
    explicit Reader(const std::string& file_name) : file_(file_name) {}

    Fleet read(const toml::table& file)
    {
        Fleet fleet;
        for (const auto& [key, node] : file) {
            if (key == "control") {
                if (const auto text = node.value<std::string>())
                    fleet.control = *text;
                else
                    complain(key, "want an address in quotes; write control = \"127.0.0.1:8410\"");
            } else if (key == "defaults") {
                if (const auto* table = node.as_table())
                    set_keys(defaults_, *table);
                else
                    complain(key, "want a section; write [defaults]");
            } else if (key != "register") {
                complain(key, "no such key; write control, [defaults] or [[register]]");
            }
        }
        const toml::array* list = file["register"].as_array();
        if (list == nullptr || !list->is_homogeneous(toml::node_type::table) || list->empty()) {
            complaints_.push_back(file_ + ": no registers; write [[register]] and its keys below it");
            return fleet;
        }
        for (const toml::node& node : *list)
            add(fleet, *node.as_table());
        if (const auto clash = settle_registers(fleet.registers))
            complain_at(line_of(*list->get_as<toml::table>(clash->index), clash->complaint.key),
                        clash->complaint);
        return fleet;
    }

    [[nodiscard]] const std::vector<std::string>& complaints() const { return complaints_; }

private:
    void add(Fleet& fleet, const toml::table& table)
    {
        RegisterOptions options = defaults_;
        const std::size_t before = complaints_.size();
        set_keys(options, table);
        if (complaints_.size() == before)
            if (const auto bad = check_register(options))
                complain_at(line_of(table, bad->key), *bad);
        fleet.registers.push_back(std::move(options));
    }

    void set_keys(RegisterOptions& options, const toml::table& table)
    {
        for (const auto& [name, node] : table) {
            const RegisterKey* key = find_register_key(name.str());
            if (key == nullptr) {
                complain(name, "no such key; write one of: " + register_key_names());
                continue;
            }
            const auto text = text_of(node);
            if (!text) {
                complain(name, "want text, a number, or true or false; write " + written(*key));
                continue;
            }
            if (const auto wanted = key->set(options, *text))
                complain(name, "\"" + *text + "\", " + *wanted + "; write for example " + written(*key));
        }
    }

    static std::optional<std::string> text_of(const toml::node& node)
    {
        if (const auto* text = node.as_string())
            return text->get();
        if (const auto* number = node.as_integer())
            return std::to_string(number->get());
        if (const auto* flag = node.as_boolean())
            return flag->get() ? "true" : "false";
        return std::nullopt;
    }

    static std::string written(const RegisterKey& key)
    {
        const bool digits = key.example.find_first_not_of("0123456789") == std::string_view::npos;
        const bool bare = key.flag || (digits && key.example.size() < 16);
        const std::string quote = bare ? "" : "\"";
        return std::string(key.name) + " = " + quote + std::string(key.example) + quote;
    }

    static std::size_t line_of(const toml::table& table, const std::string& key)
    {
        const toml::node* node = table.get(key);
        return (node != nullptr ? node->source() : table.source()).begin.line;
    }

    void complain(const toml::key& key, const std::string& what)
    {
        complain_at(key.source().begin.line, {std::string(key.str()), what});
    }
    void complain_at(std::size_t line, const Complaint& complaint)
    {
        complaints_.push_back(file_ + ":" + std::to_string(line) + ": " + complaint.text());
    }

    std::string file_;
    RegisterOptions defaults_;
    std::vector<std::string> complaints_;
};

} // namespace

tl::expected<Fleet, std::vector<std::string>> read_fleet(const std::string& text,
                                                         const std::string& file_name)
{
    try {
        const toml::table file = toml::parse(text, file_name);
        Reader reader(file_name);
        Fleet fleet = reader.read(file);
        if (!reader.complaints().empty())
            return tl::unexpected(reader.complaints());
        return fleet;
    } catch (const toml::parse_error& broken) {
        return tl::unexpected(std::vector<std::string>{file_name + ":" +
                                                       std::to_string(broken.source().begin.line) + ": " +
                                                       std::string(broken.description())});
    }
}

} // namespace kb::emulator
