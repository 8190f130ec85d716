// documents ls, show, export: the journal's documents for people and for other programs.
#include "agent/kktctl/commands.hpp"
#include "agent/kktctl/journal_words.hpp"
#include "protocol/fiscal/document.hpp"
#include "protocol/fiscal/json.hpp"
#include "protocol/fiscal/qr.hpp"
#include "protocol/fiscal/receipt_text.hpp"
#include "protocol/fiscal/short_record.hpp"
#include "storage/journal.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <iostream>

namespace kb::agent::kktctl {

using Json = nlohmann::ordered_json;
using storage::Journal;
using storage::JournalDocument;

namespace {

std::string on_one_line(const Json& json)
{
    return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Result<storage::DocumentFilter> filter_of(const DocumentQuery& query)
{
    storage::DocumentFilter filter;
    filter.fn_serial = query.fn_serial;
    filter.at_most = query.at_most;
    if (query.type)
        filter.type = static_cast<fiscal::DocumentType>(*query.type);
    const auto day = [](const std::string& text, const char* option) -> Result<LocalSeconds> {
        auto time = local_from_text(text + "T00:00:00");
        if (!time)
            return fail(Errc::bad_value, std::string(option) + " " + text + ": YYYY-MM-DD");
        return time;
    };
    if (!query.from.empty()) {
        const auto from = day(query.from, "--from");
        if (!from)
            return pass(from);
        filter.from = *from;
    }
    if (!query.to.empty()) {
        const auto to = day(query.to, "--to");
        if (!to)
            return pass(to);
        filter.to = *to + std::chrono::days{1};
    }
    return filter;
}

/// The fields of a short record, for want of a TLV.
Json short_json(const fiscal::FiscalDocument& document)
{
    const auto record = fiscal::read_short_record(document.raw);
    Json json = Json::object();
    if (!record)
        return json;
    json["fiscalDriveNumber"] = document.fn_serial;
    json["fiscalDocumentNumber"] = document.fd_number;
    json["dateTime"] = to_ffd_unixtime(document.datetime);
    json["fiscalSign"] = document.fiscal_sign;
    if (record->operation)
        json["operationType"] = static_cast<int>(*record->operation);
    if (record->total)
        json["totalSum"] = record->total->count();
    if (record->shift_number)
        json["shiftNumber"] = *record->shift_number;
    return json;
}

/// One line of the export. The FNS JSON goes in as text: its decimals are exact, a double's would not be.
std::string export_line(const JournalDocument& entry)
{
    const auto& document = entry.document;
    const bool full = document.form == fiscal::DocumentForm::full;
    Json head{{"fn_serial", document.fn_serial},
              {"fd_number", document.fd_number},
              {"type", static_cast<int>(document.type)},
              {"datetime", to_text(document.datetime)},
              {"fiscal_sign", document.fiscal_sign},
              {"tlv_hex", full ? Json(to_hex(document.raw)) : Json(nullptr)},
              {"form", full ? "full" : "short"},
              {"source", storage::to_string(entry.source)},
              {"kkt_serial", entry.kkt_serial},
              {"read_at", to_text(entry.read_at)}};
    if (!full)
        head["raw_hex"] = to_hex(document.raw);
    if (entry.damaged)
        head["damaged"] = true;
    std::string json = "null";
    if (!full)
        json = on_one_line(short_json(document));
    else if (const auto tlv = fiscal::read_document_tlv(document.raw))
        json = fiscal::to_json(*tlv);
    std::string line = on_one_line(head);
    line.pop_back();
    return line + ",\"json\":" + json + "}";
}

std::string form_text(const Console& console, const JournalDocument& entry)
{
    if (entry.damaged)
        return console.say("повреждён", "damaged");
    if (entry.document.form == fiscal::DocumentForm::full)
        return console.say("полный", "full");
    return entry.body_wanted ? console.say("краткий, дочитывается", "short, body to come")
                             : console.say("краткий", "short");
}

int bad_filter(const Console& console, const Error& error)
{
    return console.fail(error,
                        {console.say("это не дата", "this is no date"),
                         console.say("Дата пишется так: 2024-03-01.", "A date is written 2024-03-01.")},
                        kBadUsage);
}

} // namespace

int documents_ls(const Context& context, const DocumentQuery& query)
{
    const Console& console = context.console;
    const auto filter = filter_of(query);
    if (!filter)
        return bad_filter(console, filter.error());
    auto journal = Journal::open_read_only(context.config.data_dir);
    if (!journal)
        return journal_failed(console, journal.error());
    Json list = Json::array();
    std::vector<std::vector<std::string>> rows{{console.say("ФН", "FN"), console.say("ФД", "FD"),
                                                console.say("документ", "document"),
                                                console.say("время", "time"), console.say("сумма", "total"),
                                                console.say("ФПД", "sign"), console.say("вид", "form")}};
    const auto read = journal->documents().for_each(*filter, [&](const JournalDocument& entry) {
        const auto& document = entry.document;
        const auto total = total_of(entry.document);
        if (console.json)
            list.push_back({{"fn_serial", document.fn_serial},
                            {"fd_number", document.fd_number},
                            {"type", static_cast<int>(document.type)},
                            {"datetime", to_text(document.datetime)},
                            {"fiscal_sign", document.fiscal_sign},
                            {"total", total ? Json(total->count()) : Json(nullptr)},
                            {"form", document.form == fiscal::DocumentForm::full ? "full" : "short"},
                            {"damaged", entry.damaged}});
        else
            rows.push_back({document.fn_serial, std::to_string(document.fd_number), type_text(document.type),
                            to_text(document.datetime), total ? total->to_rubles() : "",
                            std::to_string(document.fiscal_sign), form_text(console, entry)});
        return true;
    });
    if (!read)
        return journal_failed(console, read.error());
    if (console.json)
        console.line(dump(list));
    else if (rows.size() == 1)
        console.line(console.say("Документов нет.", "No documents."));
    else
        console.table(rows);
    return kDone;
}

int documents_show(const Context& context, const std::string& fn_serial, std::uint32_t fd_number)
{
    const Console& console = context.console;
    auto journal = Journal::open_read_only(context.config.data_dir);
    if (!journal)
        return journal_failed(console, journal.error());
    std::string fn = fn_serial;
    if (fn.empty()) {
        const auto fns = journal->documents().fns();
        if (!fns)
            return journal_failed(console, fns.error());
        if (fns->size() != 1)
            return console.fail(Errc::not_found,
                                {console.say("в журнале ФН: " + std::to_string(fns->size()),
                                             "FNs in the journal: " + std::to_string(fns->size())),
                                 console.say("Назовите ФН: kktctl documents show 9999078900001234 163.",
                                             "Name the FN: kktctl documents show 9999078900001234 163.")},
                                kNotFound);
        fn = fns->front().fn_serial;
    }
    const auto entry = journal->documents().find(fn, fd_number);
    if (!entry && entry.error().code == Errc::not_found)
        return console.fail(
            entry.error(),
            {console.say("ФД " + std::to_string(fd_number) + " из ФН " + fn + " в журнале нет",
                         "FD " + std::to_string(fd_number) + " of FN " + fn + " is not in the journal"),
             console.say("Что есть: kktctl documents ls", "What there is: kktctl documents ls")},
            kNotFound);
    if (!entry)
        return console.fail(entry.error());
    if (console.json) {
        console.line(export_line(*entry));
        return kDone;
    }
    const auto& document = entry->document;
    const auto decoded = document.form == fiscal::DocumentForm::full
                             ? fiscal::decode(document.raw)
                             : Result<fiscal::Document>(fail(Errc::no_data, ""));
    if (decoded) {
        for (const std::string& line : fiscal::receipt_text(*decoded))
            console.line(line);
    } else {
        console.line(type_text(document.type) + ", " + console.say("ФН ", "FN ") + document.fn_serial + ", " +
                     console.say("ФД ", "FD ") + std::to_string(document.fd_number));
        console.line(to_text(document.datetime) + ", " + console.say("ФПД ", "sign ") +
                     std::to_string(document.fiscal_sign));
        if (const auto total = total_of(entry->document))
            console.line(console.say("Итого ", "Total ") + total->to_rubles());
        if (document.form == fiscal::DocumentForm::full)
            console.line(console.say("Не разобран: ", "Not decoded: ") + decoded.error().context);
        console.line(to_hex(document.raw));
    }
    console.line(console.paint(Colour::grey, form_text(console, *entry) + ", " +
                                                 console.say("прочитан ", "read at ") +
                                                 to_text(entry->read_at) + ", " +
                                                 console.say("ККТ ", "register ") + entry->kkt_serial));
    return kDone;
}

int documents_export(const Context& context, const DocumentQuery& query)
{
    const Console& console = context.console;
    auto filter = filter_of(query);
    if (!filter)
        return bad_filter(console, filter.error());
    filter->newest_first = false;
    filter->at_most = 0;
    auto journal = Journal::open_read_only(context.config.data_dir);
    if (!journal)
        return journal_failed(console, journal.error());
    std::uint64_t total = 0;
    if (const auto fns = journal->documents().fns())
        for (const auto& fn : *fns)
            total += fn.known;
    std::uint64_t done = 0;
    Progress progress(console, console.say("Выгрузка", "Export"));
    const auto read = journal->documents().for_each(*filter, [&](const JournalDocument& entry) {
        std::cout << export_line(entry) << '\n';
        if (++done % 256 == 0 && total != 0)
            progress.show(std::min(1.0, static_cast<double>(done) / static_cast<double>(total)));
        return static_cast<bool>(std::cout);
    });
    if (!read)
        return journal_failed(console, read.error());
    std::cout.flush();
    if (!std::cout)
        return console.fail(Errc::storage_failed, {console.say("вывод прерван", "the output broke off"),
                                                   console.say("Проверьте место там, куда идёт вывод.",
                                                               "Check the room where the output goes.")});
    return kDone;
}

} // namespace kb::agent::kktctl
