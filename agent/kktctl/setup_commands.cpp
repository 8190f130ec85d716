// config check and enroll: what is done once, before anything runs.
#include "kb_version.hpp"

#include "agent/enrolment.hpp"
#include "agent/kktctl/agent_page.hpp"
#include "agent/kktctl/commands.hpp"
#include "drivers/asio.hpp"
#include "protocol/cabinet/messages.hpp"

namespace kb::agent::kktctl {

using Json = nlohmann::ordered_json;

namespace {

constexpr Text kRunAsOwner{"Запустите от имени root или пользователя службы.",
                           "Run as root or as the service's user."};

} // namespace

int config_check(const Context& context)
{
    const Console& console = context.console;
    const ConfigResult result = load_config(context.config_file, console.language);
    if (console.json) {
        Json list = Json::array();
        for (const ConfigProblem& problem : result.problems)
            list.push_back({{"line", problem.line},
                            {"key", problem.key},
                            {"reason", problem.reason},
                            {"cure", problem.cure},
                            {"details", problem.details}});
        const Json out{{"file", context.config_file.string()}, {"ok", result.ok()}, {"problems", list}};
        console.line(out.dump(2, ' ', false, Json::error_handler_t::replace));
    } else if (result.ok()) {
        console.line(
            console.paint(Colour::green, console.say("Настройки верны: ", "The configuration is right: ")) +
            context.config_file.string());
    } else {
        for (const ConfigProblem& problem : result.problems)
            console.line(problem.text(context.config_file));
    }
    return result.ok() ? kDone : kBadUsage;
}

int enroll(const Context& context, const std::string& code)
{
    const Console& console = context.console;
    const std::string& url = context.config.cabinet.url;
    if (url.empty())
        return console.fail(
            Errc::bad_config,
            {console.say("адрес кабинета не указан", "the cabinet's address is missing"),
             console.say("Укажите cabinet.url в ", "Set cabinet.url in ") + context.config_file.string()},
            kBadUsage);
    // Before the code is spent: a token that cannot be kept would be lost.
    std::error_code error;
    std::filesystem::create_directories(context.config.data_dir, error);
    if (error || !std::filesystem::is_directory(context.config.data_dir, error))
        return console.fail(Error{Errc::storage_failed, Outcome::not_done, error.message(), {}},
                            {console.say("папка данных не создаётся: ", "the data folder cannot be made: ") +
                                 context.config.data_dir.string(),
                             kRunAsOwner.in(console.language)});
    cabinet_api::EnrollRequest request;
    request.code = code;
    boost::system::error_code no_name;
    request.hostname = asio::ip::host_name(no_name);
    request.agent_version = kVersion;
    const auto answer = fetch("POST", url + "/api/agent/v1/enroll", context.config.cabinet.ca_file, "",
                              cabinet_api::encode(request), context.config.cabinet.request_timeout);
    if (!answer) {
        const Errc why = answer.error().code;
        Words words;
        if (why == Errc::unauthorised || why == Errc::peer_refused)
            words = {console.say("кабинет не принял код " + code, "the cabinet refused the code " + code),
                     console.say("Код одноразовый и живёт 2 часа: получите новый в кабинете.",
                                 "A code works once and lives 2 hours: get a new one in the cabinet.")};
        return console.fail(answer.error(), words);
    }
    const auto given = cabinet_api::decode_enroll_response(*answer);
    if (!given)
        return console.fail(
            given.error(),
            {console.say("по этому адресу отвечает не кабинет", "what answers there is no cabinet"),
             console.say("Это точно адрес кабинета? ", "Is this a cabinet's address? ") + url});
    const Enrolment enrolment{given->agent_id, given->token, given->cabinet_name, url};
    if (auto saved = save_enrolment(context.config.data_dir, enrolment); !saved)
        return console.fail(
            saved.error(),
            {console.say("ключ от кабинета не сохранился", "the cabinet's token was not kept"),
             console.say("Получите новый код. ", "Get a new code. ") + kRunAsOwner.in(console.language)});
    if (console.json) {
        const Json out{
            {"agent_id", enrolment.agent_id}, {"cabinet_name", enrolment.cabinet_name}, {"cabinet_url", url}};
        console.line(out.dump(2, ' ', false, Json::error_handler_t::replace));
    } else {
        console.line(console.paint(Colour::green, console.say("Готово. ", "Done. ")) +
                     console.say("Этот ПК привязан к кабинету «" + enrolment.cabinet_name + "».",
                                 "This PC is enrolled in the cabinet \"" + enrolment.cabinet_name + "\"."));
        console.line(
            console.say("Работающий агент подхватит это сам; если нет: systemctl restart kkt-agent",
                        "A running agent takes it up by itself; if not: systemctl restart kkt-agent"));
    }
    return kDone;
}

} // namespace kb::agent::kktctl
