// The real clock behind kb::Clock.
#pragma once

#include "protocol/core/time.hpp"

namespace kb::agent {

class SystemClock final : public Clock {
public:
    [[nodiscard]] UtcMs now() const override;
    [[nodiscard]] LocalSeconds local_now() const override;
};

} // namespace kb::agent
