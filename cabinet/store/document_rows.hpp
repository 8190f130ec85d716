// The row of one document: its columns bound, written and read in one place. For .cpp files of this folder
// only.
#pragma once

#include "cabinet/store/sql.hpp"
#include "cabinet/store/types.hpp"

namespace kb::cabinet::store {

/// What lists show of a document, in the order HeadRow binds it.
extern const char* const kHeadColumns;

/// The columns of kHeadColumns as SOCI takes and gives them.
struct HeadRow {
    std::string fn_serial;
    Int fd_number = 0;
    Int type = 0;
    Int short_record = 0;
    Int datetime = 0;
    Int fiscal_sign = 0;
    Int ticket = 0;
    std::string kkt_serial;
    std::string source;
    Int read_at = 0;
    Int received_at = 0;
    std::optional<Int> operation;
    std::optional<Int> total;
    std::optional<Int> cash;
    std::optional<Int> electronic;
    std::optional<Int> advance;
    std::optional<Int> credit;
    std::optional<Int> counter;
    std::optional<Int> shift_number;
    std::optional<Int> receipt_number;
    std::string cashier;
    Int items_count = 0;
    Int findings_count = 0;

    void bind_into(soci::statement& rows);
    void bind_use(soci::statement& rows);
    void take(const IncomingDocument& incoming, UtcMs received);
    [[nodiscard]] DocumentHead head() const;
};

[[nodiscard]] Bytes bytes_of(soci::blob& blob);

/// Writes and reads single documents with statements prepared once per connection.
class DocumentRows {
public:
    explicit DocumentRows(soci::session& sql);

    /// With its items and findings.
    void insert(TenantId tenant, const IncomingDocument& incoming, const std::string& agent_id,
                UtcMs received);
    void remove(TenantId tenant, const std::string& fn_serial, std::uint32_t fd_number);
    /// The head and the bytes under this key. Throws soci::soci_error when there are none.
    DocumentHead held(TenantId tenant, const std::string& fn_serial, std::uint32_t fd_number);
    void note_ticket(TenantId tenant, const std::string& fn_serial, std::uint32_t fd_number);

private:
    void insert_items(const std::vector<Item>& items);
    void insert_findings(const std::vector<Finding>& findings);

    soci::session& sql_;
    Int tenant_ = 0;
    HeadRow row_;
    std::string agent_id_;
    std::string search_text_;
    soci::blob raw_;

    Int position_ = 0;
    std::string item_name_;
    std::optional<Int> price_;
    std::optional<Int> quantity_;
    std::optional<Int> sum_;
    std::optional<Int> vat_code_;
    std::optional<Int> vat_sum_;
    std::optional<Int> payment_method_;
    std::optional<Int> item_kind_;
    std::string unit_;

    soci::statement insert_;
    soci::statement select_;
    soci::statement insert_item_;
};

} // namespace kb::cabinet::store
