// What each failure means to the people of a shop, and what they can do about it, in both languages.
#pragma once

#include "config/language.hpp"

#include "protocol/core/result.hpp"

#include <string>

namespace kb::agent {

/// Two texts of which people see the one in their language.
struct Text {
    const char* russian;
    const char* english;
    [[nodiscard]] std::string in(Language language) const
    {
        return language == Language::russian ? russian : english;
    }
};

struct Explanation {
    Text cause;
    Text cure;
};

/// Every name has one, so that no failure is shown in the words of the layer it comes from.
Explanation explain(Errc code);
/// The same where a register is what failed: its network is not the cabinet's.
Explanation explain_of_register(Errc code);

} // namespace kb::agent
