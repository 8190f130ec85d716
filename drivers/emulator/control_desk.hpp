// One control for several registers: /registers lists them, /registers/NAME/... is one's own control; with a
// single register its paths stand for themselves.
#pragma once

#include "drivers/emulator/control.hpp"

#include <string>
#include <vector>

namespace kb::emulator {

class ControlDesk {
public:
    /// The register outlives the desk; names differ.
    void add(std::string name, Control& control);
    ControlAnswer handle(const std::string& method, const std::string& target, const std::string& body);

private:
    struct Place {
        std::string name;
        Control& control;
    };
    [[nodiscard]] std::string names() const;
    [[nodiscard]] ControlAnswer list();

    std::vector<Place> places_;
};

} // namespace kb::emulator
