// What the library's error codes mean to a caller.
// Source: docs/sources.md#atol-fptr, section 3.
#pragma once

#include "protocol/core/result.hpp"

#include <string>

namespace kb::atol_fptr {

/// The house's error for a code; `description` is the library's own text. The Outcome is that of a question:
/// nothing was changed. `context` is put before the description.
Error to_error(int code, const std::string& description, const std::string& context);

/// The drive or the list that is read out has no (more) such data.
bool is_end_of_data(const Error& error);
/// The connection is gone for good: the port is to be opened anew.
bool is_lost(int code);

/// A task that ended so may have been carried out all the same, or may still be: the line, the drive or the
/// library broke while it ran. The FN has to be asked.
bool is_doubtful(const Error& error);
/// The strip of a document was broken off: "continue printing" is wanted before anything else.
bool is_broken_off(const Error& error);
/// The printer's own trouble, which may come in the middle of a strip.
bool is_of_the_printer(const Error& error);
/// What the register knows of checked marking codes is another thing than this driver made of it: its power
/// was gone, or somebody rang a sale meanwhile.
bool is_of_other_marks(const Error& error);
/// Nothing was there to be printed on, or to be cancelled.
bool is_nothing_there(const Error& error);

} // namespace kb::atol_fptr
