// The ATOL face of the virtual register: transports v2 and v3 seen from the register's side.
// Source: docs/sources.md#atol, sections 1, 2 and 14.
#pragma once

#include "drivers/atol/emulator_commands.hpp"
#include "drivers/atol/emulator_executor.hpp"
#include "drivers/atol/emulator_v2.hpp"
#include "drivers/atol/emulator_v3.hpp"
#include "drivers/emulator/face.hpp"
#include "drivers/emulator/faults.hpp"

namespace kb::emulator::atol {

class AtolFace final : public Face {
public:
    AtolFace(VirtualKkt& kkt, const Model& model, Faults& faults, const Options& options);

    void power_up() override;
    void link_up() override;
    void on_bytes(BytesView bytes, Instant now) override;
    void on_sent(Instant now) override;
    [[nodiscard]] std::optional<Instant> deadline() const override;
    void on_time(Instant now) override;
    Bytes take_output() override { return std::exchange(output_, {}); }
    bool take_hang_up() override { return std::exchange(hang_up_, false); }
    std::optional<std::uint32_t> take_new_baud() override { return std::nullopt; }
    [[nodiscard]] bool talks_to_ofd_itself() const override { return commands_.talks_to_ofd_itself(); }

private:
    void choose(std::uint8_t first);
    void work(Instant now);
    void deliver(Finished done, Instant now);
    void restart(std::chrono::milliseconds away, Instant now);

    VirtualKkt& kkt_;
    Options options_;
    Commands commands_;
    Executor executor_;
    Bytes output_;
    ProtocolV2 v2_;
    ProtocolV3 v3_;
    Protocol* protocol_ = nullptr; ///< none yet where the first byte decides
    bool hang_up_ = false;
    std::optional<Instant> silent_until_;
    std::optional<std::chrono::milliseconds> restart_after_sent_;
};

} // namespace kb::emulator::atol
