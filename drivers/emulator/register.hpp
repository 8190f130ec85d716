// One running register: machine, memory, face, line, control and the player, wired together.
#pragma once

#include "drivers/emulator/control.hpp"
#include "drivers/emulator/line.hpp"
#include "drivers/emulator/make.hpp"
#include "drivers/emulator/register_options.hpp"
#include "drivers/emulator/state_file.hpp"

#include <memory>

namespace kb::emulator {

class Register {
public:
    /// Options that check_register() lets pass, with name and seed. Its line is open when this returns.
    static Result<std::unique_ptr<Register>> start(asio::io_context& context, const RegisterOptions& options);
    ~Register();
    Register(const Register&) = delete;
    Register& operator=(const Register&) = delete;

    Control& control() { return control_; }
    [[nodiscard]] const RegisterOptions& options() const { return options_; }
    /// "shtrih-m-02f 0049361208000001 line tcp:127.0.0.1:7778".
    [[nodiscard]] std::string summary() const;

private:
    class Beat;

    Register(asio::io_context& context, const RegisterOptions& options, const Chosen& chosen,
             std::unique_ptr<StateFile> store);
    Result<void> prepare();
    Result<void> open(asio::io_context& context);

    RegisterOptions options_;
    const ModelRow& model_;
    std::unique_ptr<StateFile> store_;
    Faults faults_;
    VirtualKkt kkt_;
    std::unique_ptr<Face> face_;
    Line line_;
    Control control_;
    std::unique_ptr<Beat> ofd_;
    std::unique_ptr<Beat> player_;
};

} // namespace kb::emulator
