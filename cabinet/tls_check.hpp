// Looks at certificate and key before OpenSSL does, whose words help nobody.
#pragma once

#include "config/language.hpp"

#include "protocol/core/time.hpp"

#include <string>
#include <vector>

namespace kb::cabinet {

struct TlsProblem {
    bool about_key = false; ///< else about the certificate
    bool can_serve =
        false; ///< peers will complain, but it is no reason to stay away: the PC's date may be wrong
    std::string reason;
    std::string cure;
};

/// All that is wrong with the two files, each once.
std::vector<TlsProblem> check_tls(const std::string& certificate_file, const std::string& key_file, UtcMs now,
                                  Language language);

} // namespace kb::cabinet
