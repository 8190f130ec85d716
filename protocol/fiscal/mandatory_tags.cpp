// Which tags a document must have: table of docs/sources.md#ffd, section 3, the electronic form.
#include "protocol/fiscal/checks.hpp"

#include <algorithm>
#include <span>

namespace kb::fiscal {

namespace {

constexpr Tag kRegistration105[] = {tag::ffd_version,
                                    tag::user,
                                    tag::inn,
                                    tag::datetime,
                                    tag::kkt_reg_number,
                                    tag::offline_mode,
                                    tag::printer_in_machine,
                                    tag::bso_system,
                                    tag::encryption,
                                    tag::automatic_mode,
                                    tag::internet_only,
                                    tag::kkt_serial,
                                    tag::cashier,
                                    tag::address,
                                    tag::place,
                                    tag::kkt_version,
                                    tag::kkt_ffd_version,
                                    tag::fd_number,
                                    tag::fn_serial,
                                    tag::fiscal_sign};
constexpr Tag kShiftOpen105[] = {
    tag::ffd_version,    tag::inn,         tag::datetime,        tag::shift_number,
    tag::kkt_reg_number, tag::kkt_version, tag::kkt_ffd_version, tag::fd_number,
    tag::fn_serial,      tag::fiscal_sign};
constexpr Tag kStateReport105[] = {tag::ffd_version, tag::inn,       tag::datetime,   tag::kkt_reg_number,
                                   tag::fd_number,   tag::fn_serial, tag::fiscal_sign};
constexpr Tag kReceipt105[] = {tag::ffd_version, tag::receipt_number, tag::datetime,        tag::shift_number,
                               tag::operation,   tag::tax_system,     tag::kkt_reg_number,  tag::item,
                               tag::total,       tag::paid_cash,      tag::paid_electronic, tag::paid_advance,
                               tag::paid_credit, tag::paid_counter,   tag::fd_number,       tag::fn_serial,
                               tag::fiscal_sign};
constexpr Tag kReceiptCorrection105[] = {
    tag::ffd_version, tag::receipt_number,  tag::datetime,        tag::shift_number,     tag::operation,
    tag::tax_system,  tag::kkt_reg_number,  tag::correction_type, tag::correction_basis, tag::total,
    tag::paid_cash,   tag::paid_electronic, tag::paid_advance,    tag::paid_credit,      tag::paid_counter,
    tag::fd_number,   tag::fn_serial,       tag::fiscal_sign};
constexpr Tag kShiftClose105[] = {tag::ffd_version,     tag::inn,
                                  tag::datetime,        tag::shift_number,
                                  tag::kkt_reg_number,  tag::shift_receipts,
                                  tag::shift_documents, tag::fd_number,
                                  tag::fn_serial,       tag::fiscal_sign};
constexpr Tag kFnClose105[] = {tag::ffd_version, tag::user,         tag::inn,
                               tag::datetime,    tag::shift_number, tag::kkt_reg_number,
                               tag::fd_number,   tag::fn_serial,    tag::fiscal_sign};
constexpr Tag kOfdTicket105[] = {tag::ofd_inn, tag::fn_serial, tag::fd_number, tag::datetime,
                                 tag::operator_sign};
constexpr Tag kRegistration11[] = {tag::ffd_version,
                                   tag::user,
                                   tag::inn,
                                   tag::datetime,
                                   tag::kkt_reg_number,
                                   tag::offline_mode,
                                   tag::printer_in_machine,
                                   tag::bso_system,
                                   tag::encryption,
                                   tag::automatic_mode,
                                   tag::internet_only,
                                   tag::excise_goods,
                                   tag::gambling,
                                   tag::lottery,
                                   tag::kkt_serial,
                                   tag::cashier,
                                   tag::address,
                                   tag::place,
                                   tag::kkt_version,
                                   tag::kkt_ffd_version,
                                   tag::fn_ffd_version,
                                   tag::key_days_left,
                                   tag::fd_number,
                                   tag::fn_serial,
                                   tag::fiscal_sign};
constexpr Tag kStateReport11[] = {tag::ffd_version, tag::inn,       tag::datetime,  tag::kkt_reg_number,
                                  tag::fn_counters, tag::fd_number, tag::fn_serial, tag::fiscal_sign};
constexpr Tag kReceiptCorrection11[] = {
    tag::ffd_version,  tag::receipt_number, tag::datetime,        tag::shift_number,     tag::operation,
    tag::tax_system,   tag::kkt_reg_number, tag::correction_type, tag::correction_basis, tag::item,
    tag::total,        tag::paid_cash,      tag::paid_electronic, tag::paid_advance,     tag::paid_credit,
    tag::paid_counter, tag::fd_number,      tag::fn_serial,       tag::fiscal_sign};
constexpr Tag kShiftClose11[] = {tag::ffd_version,     tag::inn,
                                 tag::datetime,        tag::shift_number,
                                 tag::kkt_reg_number,  tag::shift_receipts,
                                 tag::shift_documents, tag::shift_counters,
                                 tag::fn_counters,     tag::key_days_left,
                                 tag::fd_number,       tag::fn_serial,
                                 tag::fiscal_sign};
constexpr Tag kFnClose11[] = {tag::ffd_version,  tag::user,           tag::inn,         tag::datetime,
                              tag::shift_number, tag::kkt_reg_number, tag::fn_counters, tag::fd_number,
                              tag::fn_serial,    tag::fiscal_sign};
constexpr Tag kRegistration12[] = {tag::ffd_version,    tag::user,           tag::inn,
                                   tag::datetime,       tag::kkt_reg_number, tag::offline_mode,
                                   tag::encryption,     tag::automatic_mode, tag::usage_conditions,
                                   tag::kkt_serial,     tag::cashier,        tag::address,
                                   tag::place,          tag::kkt_version,    tag::kkt_ffd_version,
                                   tag::fn_ffd_version, tag::key_days_left,  tag::fd_number,
                                   tag::fn_serial,      tag::fiscal_sign};
constexpr Tag kReRegistration12[] = {tag::ffd_version,    tag::user,           tag::inn,
                                     tag::datetime,       tag::kkt_reg_number, tag::offline_mode,
                                     tag::encryption,     tag::automatic_mode, tag::usage_conditions,
                                     tag::kkt_serial,     tag::cashier,        tag::address,
                                     tag::place,          tag::kkt_version,    tag::kkt_ffd_version,
                                     tag::fn_ffd_version, tag::key_days_left,  tag::fd_number,
                                     tag::fn_serial,      tag::fiscal_sign,    tag::change_reasons};
constexpr Tag kStateReport12[] = {tag::ffd_version,    tag::inn,         tag::datetime,  tag::key_days_left,
                                  tag::kkt_reg_number, tag::fn_counters, tag::fd_number, tag::fn_serial,
                                  tag::fiscal_sign};
constexpr Tag kReceipt12[] = {
    tag::ffd_version,  tag::receipt_number, tag::datetime,        tag::shift_number, tag::operation,
    tag::tax_system,   tag::kkt_reg_number, tag::address,         tag::place,        tag::item,
    tag::total,        tag::paid_cash,      tag::paid_electronic, tag::paid_advance, tag::paid_credit,
    tag::paid_counter, tag::fd_number,      tag::fn_serial,       tag::fiscal_sign};
constexpr Tag kReceiptCorrection12[] = {
    tag::ffd_version,  tag::receipt_number, tag::datetime,        tag::shift_number,     tag::operation,
    tag::tax_system,   tag::kkt_reg_number, tag::correction_type, tag::correction_basis, tag::address,
    tag::place,        tag::item,           tag::total,           tag::paid_cash,        tag::paid_electronic,
    tag::paid_advance, tag::paid_credit,    tag::paid_counter,    tag::fd_number,        tag::fn_serial,
    tag::fiscal_sign};
constexpr Tag kFnClose12[] = {tag::ffd_version, tag::user,      tag::inn,          tag::address,
                              tag::place,       tag::datetime,  tag::shift_number, tag::kkt_reg_number,
                              tag::fn_counters, tag::fd_number, tag::fn_serial,    tag::fiscal_sign};
constexpr Tag kItem105[] = {tag::item_name, tag::price, tag::item_sum};
constexpr Tag kCorrectionBasis105[] = {tag::correction_number};
constexpr Tag kItem11[] = {tag::payment_method, tag::item_kind, tag::item_name,
                           tag::price,          tag::quantity,  tag::item_sum};
constexpr Tag kItem12[] = {tag::payment_method, tag::item_kind, tag::price, tag::quantity, tag::item_sum};
constexpr Tag kFraction12[] = {tag::numerator, tag::denominator};

struct DocumentRow {
    FfdVersion ffd;
    DocumentType type;
    std::span<const Tag> tags;
};
constexpr DocumentRow kDocuments[] = {
    {FfdVersion::v1_05, DocumentType::registration, kRegistration105},
    {FfdVersion::v1_05, DocumentType::re_registration, kRegistration105},
    {FfdVersion::v1_05, DocumentType::shift_open, kShiftOpen105},
    {FfdVersion::v1_05, DocumentType::state_report, kStateReport105},
    {FfdVersion::v1_05, DocumentType::receipt, kReceipt105},
    {FfdVersion::v1_05, DocumentType::bso, kReceipt105},
    {FfdVersion::v1_05, DocumentType::receipt_correction, kReceiptCorrection105},
    {FfdVersion::v1_05, DocumentType::bso_correction, kReceiptCorrection105},
    {FfdVersion::v1_05, DocumentType::shift_close, kShiftClose105},
    {FfdVersion::v1_05, DocumentType::fn_close, kFnClose105},
    {FfdVersion::v1_05, DocumentType::ofd_ticket, kOfdTicket105},
    {FfdVersion::v1_1, DocumentType::registration, kRegistration11},
    {FfdVersion::v1_1, DocumentType::re_registration, kRegistration11},
    {FfdVersion::v1_1, DocumentType::shift_open, kShiftOpen105},
    {FfdVersion::v1_1, DocumentType::state_report, kStateReport11},
    {FfdVersion::v1_1, DocumentType::receipt, kReceipt105},
    {FfdVersion::v1_1, DocumentType::bso, kReceipt105},
    {FfdVersion::v1_1, DocumentType::receipt_correction, kReceiptCorrection11},
    {FfdVersion::v1_1, DocumentType::bso_correction, kReceiptCorrection11},
    {FfdVersion::v1_1, DocumentType::shift_close, kShiftClose11},
    {FfdVersion::v1_1, DocumentType::fn_close, kFnClose11},
    {FfdVersion::v1_1, DocumentType::ofd_ticket, kOfdTicket105},
    {FfdVersion::v1_2, DocumentType::registration, kRegistration12},
    {FfdVersion::v1_2, DocumentType::re_registration, kReRegistration12},
    {FfdVersion::v1_2, DocumentType::shift_open, kShiftOpen105},
    {FfdVersion::v1_2, DocumentType::state_report, kStateReport12},
    {FfdVersion::v1_2, DocumentType::receipt, kReceipt12},
    {FfdVersion::v1_2, DocumentType::bso, kReceipt12},
    {FfdVersion::v1_2, DocumentType::receipt_correction, kReceiptCorrection12},
    {FfdVersion::v1_2, DocumentType::bso_correction, kReceiptCorrection12},
    {FfdVersion::v1_2, DocumentType::shift_close, kShiftClose11},
    {FfdVersion::v1_2, DocumentType::fn_close, kFnClose12},
};

struct StructureRow {
    FfdVersion ffd;
    Tag structure;
    std::span<const Tag> tags;
};
constexpr StructureRow kStructures[] = {
    {FfdVersion::v1_05, tag::item, kItem105},
    {FfdVersion::v1_05, tag::correction_basis, kCorrectionBasis105},
    {FfdVersion::v1_1, tag::item, kItem11},
    {FfdVersion::v1_2, tag::item, kItem12},
    {FfdVersion::v1_2, tag::fraction, kFraction12},
};

} // namespace

std::span<const Tag> mandatory_tags(DocumentType type, FfdVersion ffd)
{
    const auto* row =
        std::find_if(std::begin(kDocuments), std::end(kDocuments),
                     [&](const DocumentRow& each) { return each.ffd == ffd && each.type == type; });
    return row == std::end(kDocuments) ? std::span<const Tag>{} : row->tags;
}

std::span<const Tag> mandatory_tags_of_structure(Tag structure, FfdVersion ffd)
{
    const auto* row =
        std::find_if(std::begin(kStructures), std::end(kStructures), [&](const StructureRow& each) {
            return each.ffd == ffd && each.structure == structure;
        });
    return row == std::end(kStructures) ? std::span<const Tag>{} : row->tags;
}

} // namespace kb::fiscal
