// Agents: what a receipt has to tell of whom, by the kind of agent.
// Source: docs/sources.md#ffd, sections 3 (1223, 1224), 4.4 and 8. Unverified: which of the conditional tags
// go with which agent (docs/sources.md#ffd-unverified).
#include "protocol/fiscal/request_faults.hpp"
#include "protocol/fiscal/request_words.hpp"

#include <initializer_list>

namespace kb::fiscal {

namespace {

constexpr std::uint32_t kBankAgents = 1 | 2;
constexpr std::uint32_t kPayingAgents = 4 | 8;
constexpr std::uint32_t kAllAgents = 127;

const Agent kNobody{};

// One thing that receipts of some agents have to tell.
struct Wanted {
    std::uint32_t of; ///< bits of the agents
    Tag tag;
    std::string_view member;
    bool (*told)(const Agent& agent, const Supplier& supplier);
};

constexpr Wanted kWanted[] = {
    {kBankAgents, tag::transfer_operator_phone, "agent.transfer_operator_phones",
     [](const Agent& agent, const Supplier&) { return !agent.transfer_operator_phones.empty(); }},
    {kBankAgents, tag::agent_operation, "agent.operation",
     [](const Agent& agent, const Supplier&) { return !agent.operation.empty(); }},
    {kBankAgents | kPayingAgents, tag::agent_phone, "agent.agent_phones",
     [](const Agent& agent, const Supplier&) { return !agent.agent_phones.empty(); }},
    {kPayingAgents, tag::payment_operator_phone, "agent.payment_operator_phones",
     [](const Agent& agent, const Supplier&) { return !agent.payment_operator_phones.empty(); }},
    {kBankAgents, tag::transfer_operator_name, "agent.transfer_operator_name",
     [](const Agent& agent, const Supplier&) { return !agent.transfer_operator_name.empty(); }},
    {kBankAgents, tag::transfer_operator_address, "agent.transfer_operator_address",
     [](const Agent& agent, const Supplier&) { return !agent.transfer_operator_address.empty(); }},
    {kBankAgents, tag::transfer_operator_inn, "agent.transfer_operator_inn",
     [](const Agent& agent, const Supplier&) { return !agent.transfer_operator_inn.empty(); }},
    {kPayingAgents, tag::supplier_phone, "supplier.phones",
     [](const Agent&, const Supplier& supplier) { return !supplier.phones.empty(); }},
    {kAllAgents, tag::supplier_name, "supplier.name",
     [](const Agent&, const Supplier& supplier) { return !supplier.name.empty(); }},
};

void check_values(Faults& faults, const Place& place, const Agent& agent)
{
    check_phones(faults, place.in("transfer_operator_phones"), agent.transfer_operator_phones);
    check_phones(faults, place.in("agent_phones"), agent.agent_phones);
    check_phones(faults, place.in("payment_operator_phones"), agent.payment_operator_phones);
    check_text(faults, place.in("operation"), tag::agent_operation, agent.operation);
    check_text(faults, place.in("transfer_operator_name"), tag::transfer_operator_name,
               agent.transfer_operator_name);
    check_text(faults, place.in("transfer_operator_address"), tag::transfer_operator_address,
               agent.transfer_operator_address);
    check_inn(faults, place.in("transfer_operator_inn"), agent.transfer_operator_inn,
              InnOf::company_or_person);
}

void check_flags(Faults& faults, const Place& place, std::uint32_t flags)
{
    if ((flags & ~kAllAgents) != 0)
        faults.add(place.in("agent_flags"), "agent_flags_unknown",
                   {"неизвестный признак агента " + std::to_string(flags) + "; допустимы биты 1..64",
                    "unknown agent flags " + std::to_string(flags) + "; bits 1..64 are known"});
}

// Before FFD 1.1 all of it was optional.
void check_wanted(Faults& faults, const Place& place, std::uint32_t flags, const Agent& agent,
                  const Supplier& supplier)
{
    if (faults.limits().ffd < FfdVersion::v1_1)
        return;
    for (const Wanted& wanted : kWanted) {
        if ((wanted.of & flags) == 0 || wanted.told(agent, supplier))
            continue;
        const TagInfo* info = find_tag(wanted.tag);
        faults.add(place.in(wanted.member), "agent_incomplete",
                   {"для такого агента не указано: " + std::string(info->name_ru) + "; укажите",
                    "not told for this kind of agent: " + std::string(info->name_en) + "; give it"});
    }
}

} // namespace

void check_agent(Faults& faults, const Place& place, const Item& item, const Receipt& receipt)
{
    const Agent& agent = item.agent ? *item.agent : kNobody;
    const Supplier supplier = item.supplier.value_or(Supplier{});
    check_flags(faults, place, item.agent_flags.value_or(0));
    check_values(faults, place.in("agent"), agent);
    check_phones(faults, place.in("supplier.phones"), supplier.phones);
    check_text(faults, place.in("supplier.name"), tag::supplier_name, supplier.name);
    check_inn(faults, place.in("supplier_inn"), item.supplier_inn, InnOf::foreigner_too);

    const std::uint32_t flags = item.agent_flags.value_or(receipt.agent_flags.value_or(0));
    if (flags == 0) {
        if (item.agent || item.supplier || !item.supplier_inn.empty())
            faults.add(place.in("agent_flags"), "agent_flags_missing",
                       {"указаны агент или поставщик, а признака агента нет; укажите agent_flags, например "
                        "commissioner",
                        "agent or supplier without the agent's flag; give agent_flags, for example "
                        "commissioner"});
        return;
    }
    if (item.supplier_inn.empty())
        faults.add(
            place.in("supplier_inn"), "agent_without_supplier",
            {"признак агента без ИНН поставщика; укажите ИНН (у иностранца без ИНН — двенадцать нулей)",
             "an agent's position without the supplier's INN; give it (twelve zeros if a foreigner has "
             "none)"});
    if (item.agent_flags) // else the receipt tells the rest, for all its positions
        check_wanted(faults, place, flags, agent, supplier);
}

void check_agent_of_receipt(Faults& faults, const Receipt& receipt)
{
    const Place place{};
    const bool is_there = receipt.agent_flags || receipt.agent != Agent{} || !receipt.supplier_phones.empty();
    check_only_before_1_2(faults, place.in("agent_flags"), is_there, "укажите агента в каждой позиции",
                          "give the agent in each position");
    if (!is_there)
        return;
    check_flags(faults, place, receipt.agent_flags.value_or(0));
    check_values(faults, place.in("agent"), receipt.agent);
    check_phones(faults, place.in("supplier_phones"), receipt.supplier_phones);
    if (receipt.agent_flags.value_or(0) == 0)
        faults.add(place.in("agent_flags"), "agent_flags_missing",
                   {"указаны данные агента, а признака агента нет; укажите agent_flags",
                    "data of an agent without the agent's flag; give agent_flags"});
}

} // namespace kb::fiscal
