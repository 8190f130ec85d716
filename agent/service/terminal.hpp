// Whether a person watches: colours and progress bars are for people only.
#pragma once

namespace kb::agent::service {

bool output_is_terminal();
bool errors_are_terminal();

} // namespace kb::agent::service
