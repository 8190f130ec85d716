// Reading documents back: pages that cost the same anywhere in millions of rows, and one document whole.
#pragma once

#include "cabinet/store/connection.hpp"
#include "cabinet/store/types.hpp"

namespace kb::cabinet::store {

/// Newest first. Looks at a bounded number of rows: a page may be short, even empty, while `next` is set.
DocumentPage list_documents(Connection& connection, TenantId tenant, const DocumentFilter& filter);
/// With raw bytes, items and findings.
std::optional<DocumentHead> find_document(Connection& connection, TenantId tenant,
                                          const std::string& fn_serial, std::uint32_t fd_number);
[[nodiscard]] bool holds_document(Connection& connection, TenantId tenant, const std::string& fn_serial,
                                  std::uint32_t fd_number);

/// Cyrillic and Latin capitals to small letters: what search_text and its queries go through.
std::string fold_case(std::string_view utf8);

} // namespace kb::cabinet::store
