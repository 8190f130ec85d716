// What the store takes and gives: plain values, no SQL. Times of registers are local seconds, others UTC ms.
#pragma once

#include "protocol/cabinet/messages.hpp"
#include "protocol/core/bytes.hpp"
#include "protocol/core/time.hpp"

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace kb::cabinet::store {

/// One owner with everything of his. A parameter of every call that touches an owner's data.
struct TenantId {
    std::int64_t value = 0;
    auto operator<=>(const TenantId&) const = default;
};

struct User {
    TenantId tenant;
    std::int64_t user_id = 0;
    std::string tenant_name;
    std::string email;
    std::string password_hash;
    std::string role;
};

struct Session {
    TenantId tenant;
    std::string tenant_name;
    std::string email;
    std::string role;
    std::string csrf;
};

struct Agent {
    TenantId tenant;
    std::string agent_id;
    std::string hostname;
    std::string agent_version;
    UtcMs enrolled_at{};
    std::optional<UtcMs> last_seen;
    std::vector<std::string> registers;
};

enum PaymentKind : std::size_t { kCash, kElectronic, kAdvance, kCredit, kCounter, kPaymentKinds };
using Payments = std::array<std::int64_t, kPaymentKinds>; ///< kopecks

struct Item {
    std::string name;
    std::optional<std::int64_t> price;
    std::optional<std::int64_t> quantity; ///< millionths
    std::optional<std::int64_t> sum;
    std::optional<std::int64_t> vat_code;
    std::optional<std::int64_t> vat_sum;
    std::optional<std::int64_t> payment_method;
    std::optional<std::int64_t> item_kind;
    std::string unit;
};

struct Finding {
    std::string check;
    std::string severity;
    std::string text;
    std::string field;
};

/// What a document says that lists, sums and searches need.
struct Digest {
    std::optional<std::int64_t> operation; ///< 1..4, tag 1054
    std::optional<std::int64_t> total;     ///< kopecks
    std::optional<Payments> payments;      ///< absent: not a receipt, or only a short record
    std::optional<std::int64_t> shift_number;
    std::optional<std::int64_t> receipt_number;
    std::string cashier;
    std::vector<Item> items;
    std::vector<std::pair<int, std::int64_t>> vat; ///< rate code -> tax, for 5 and 6 the turnover
    std::vector<Finding> findings;
    std::string search_text; ///< folded to lower case
};

struct IncomingDocument {
    cabinet_api::DocumentMessage message;
    Digest digest;
};

struct DocumentHead {
    fiscal::FiscalDocument document; ///< raw only where asked for
    Digest digest;                   ///< items, vat, findings only where asked for
    std::string kkt_serial;
    cabinet_api::DocumentSource source{};
    UtcMs read_at{};
    UtcMs received_at{};
    std::int64_t items_count = 0;
    std::int64_t findings_count = 0;
};

/// Keyset of a page: the last document of the page before.
struct DocumentKey {
    LocalSeconds datetime{};
    std::string fn_serial;
    std::uint32_t fd_number = 0;
};
struct DocumentFilter {
    std::optional<std::string> kkt_serial;
    std::optional<std::string> fn_serial;
    std::vector<int> types;
    std::optional<LocalSeconds> from;
    std::optional<LocalSeconds> to;
    std::optional<int> operation;
    std::optional<std::int64_t> min_sum;
    std::optional<std::int64_t> max_sum;
    std::optional<std::string> text;
    std::optional<DocumentKey> before;
    std::size_t limit = 50;
};
struct DocumentPage {
    std::vector<DocumentHead> documents;
    std::optional<DocumentKey> next;
};

/// A gapless range of held documents, with the times its first and its last document say.
struct HeldRange {
    cabinet_api::FdRange numbers;
    LocalSeconds first_at{};
    LocalSeconds last_at{};
    bool operator==(const HeldRange&) const = default;
};

struct FnHolding {
    std::string fn_serial;
    std::string kkt_serial;
    std::uint32_t expected = 0; ///< highest fd_number known of this FN
    std::uint32_t full = 0;
    std::uint32_t short_records = 0;
    LocalSeconds first_at{};
    LocalSeconds last_at{};
    std::vector<cabinet_api::FdRange> held; ///< gapless ranges, ascending
};

struct Register {
    std::string kkt_serial;
    std::string agent_id;
    std::string agent_hostname;
    std::optional<UtcMs> last_seen;
    std::optional<fiscal::DeviceSample> sample;
    std::vector<FnHolding> fns;
    std::optional<DocumentHead> last_document;
};

/// A command to a register as an owner sends it.
struct NewCommand {
    std::string id;   ///< made of register and key by add_command()
    std::string kind; ///< cabinet_api::CommandKind
    std::string kkt_serial;
    std::string args_json = "{}";
    std::string key;     ///< the sender's own: the same key is the same command
    std::string sent_by; ///< e-mail
    UtcMs expires_at{};
};
/// The same with what became of it.
struct CommandRow {
    NewCommand sent;
    std::string agent_id; ///< the one it is for, or that has it; or else the one that serves the register
    UtcMs created_at{};
    std::optional<UtcMs> given_at;    ///< first put into an answer to the agent
    std::optional<UtcMs> taken_at;    ///< the agent said that it is durable there
    std::optional<UtcMs> finished_at; ///< the last word
    std::string outcome;              ///< cabinet_api::CommandOutcome; empty: not finished
    std::string code;
    std::string detail;
    std::string fn_serial;
    std::optional<std::uint32_t> fd_number; ///< of the document that was made
    std::uint32_t fiscal_sign = 0;
};

/// What may be done with a register from afar.
struct CommandPermission {
    bool permitted = false; ///< by the owner
    std::string who;        ///< who said so last; empty: nobody ever did
    std::optional<UtcMs> at;
    std::vector<std::string> agent_allows; ///< as the register's last sample tells
    fiscal::FfdVersion ffd = fiscal::FfdVersion::unknown;
};

/// Who did what; only added to.
struct AuditEntry {
    std::string id;
    UtcMs at{};
    std::string who; ///< e-mail
    std::string what;
    std::string kkt_serial;
    std::string detail;
};

struct EventRow {
    std::string id;
    UtcMs at{};
    std::string kkt_serial;
    std::string kind;
    cabinet_api::Severity severity{};
    std::string text;
    std::string data_json = "{}";
    std::string fn_serial;
    std::uint32_t fd_number = 0; ///< 0: about no document
};

/// Who could not take a document: the cabinet what an agent sent, or an agent what a register gave.
enum class RejectedBy { cabinet, agent };
std::string_view to_string(RejectedBy by);

struct RejectedRow {
    std::string fn_serial;       ///< empty: the document does not say
    std::uint32_t fd_number = 0; ///< 0: the document does not say
    std::string kkt_serial;      ///< may be empty
    std::string code;
    std::string reason;
    RejectedBy by = RejectedBy::cabinet;
    UtcMs first_at{};
    UtcMs last_at{};
    std::int64_t times = 0;
};

enum class Group { day, hour, shop_register };

/// Sums of one bucket, by operation 1..4 at index 0..3; corrections (types 31, 41) apart.
struct Sums {
    std::array<std::int64_t, 4> receipts{};
    std::array<std::int64_t, 4> totals{};
    std::array<std::int64_t, 4> correction_receipts{};
    std::array<std::int64_t, 4> correction_totals{};
    Payments payments{};             ///< sales minus returns
    std::int64_t unknown_payments{}; ///< sales minus returns known only as short records
    std::map<int, std::int64_t> vat; ///< sales minus returns by rate code
};
struct TotalsFilter {
    LocalSeconds from{};
    LocalSeconds to{}; ///< inclusive
    std::optional<std::string> kkt_serial;
    Group group = Group::day;
};

} // namespace kb::cabinet::store
