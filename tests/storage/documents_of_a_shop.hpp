// Documents as a register would make them: plausible, and the same for the same number.
#pragma once

#include "storage/journal.hpp"

namespace kb::storage::test {

inline const std::string kFn = "9999078900001234";
inline const std::string kOtherFn = "9999078900005678";
inline const std::string kKkt = "0000000001011546";

UtcMs at(int second);
/// A full document; the bytes depend on FN and number only.
JournalDocument sale(std::uint32_t fd_number, const std::string& fn_serial = kFn);
/// The short record of the same document.
JournalDocument short_record(std::uint32_t fd_number, const std::string& fn_serial = kFn);
std::vector<JournalDocument> sales(FdRange numbers, const std::string& fn_serial = kFn);
/// An answer of a cabinet that has everything.
FnAnswer all_there(const std::string& fn_serial = kFn);

Journal open_journal(const std::filesystem::path& data_dir, const DatabaseOptions& options = {});

} // namespace kb::storage::test
