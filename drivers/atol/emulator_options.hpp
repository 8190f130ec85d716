// How an emulated ATOL register is to behave where the documents leave a choice; each has the recommended
// answer as its default. Source: docs/sources.md#emulator, "ATOL: what is open".
#pragma once

#include "drivers/emulator/make.hpp"

#include <chrono>
#include <cstdint>
#include <string_view>
#include <vector>

namespace kb::emulator::atol {

enum class Framing { v2, v3, automatic };

/// Names and values as in docs/sources.md#atol, section 1.3; the register's side of each.
struct Timers {
    std::chrono::milliseconds t1{500};  ///< ACK to our ENQ
    std::chrono::milliseconds t2{2000}; ///< STX after we acknowledged an ENQ
    std::chrono::milliseconds t3{500};  ///< EOT after we acknowledged a frame
    std::chrono::milliseconds t4{500};  ///< ACK to our frame
    std::chrono::milliseconds t6{500};  ///< between two bytes of a frame
    std::chrono::milliseconds t8{1000}; ///< until the next ENQ when nobody took the last one
    int enquiries = 5;                  ///< ENQs before an answer is dropped
    int frames = 10;                    ///< times a frame is sent, or refused
};

struct Options {
    Framing framing = Framing::automatic;
    bool over_tcp = false; ///< 3Fh tells port 6; automatic framing is v3
    Timers timers;
    std::chrono::milliseconds think{0};
    std::uint16_t access_password = 0; ///< BCD

    // -- transport v3
    std::size_t buffer = 16; ///< tasks; one more is answered by B1
    bool ask_repeat = false; ///< a damaged packet is answered by an empty one of its id
    bool answer_in_reply =
        false; ///< what is done at once is told in the reply to Add (A3, A4), not in an F0 packet
    bool result_first = false; ///< the F0 packet overtakes the reply to Add

    // -- commands
    std::size_t tlv_piece = 200;          ///< bytes of a TLV told by one A4 46; 0: a whole TLV
    bool long_version_head = false;       ///< 9Dh is answered with 55 00 00, not with 55 00
    bool opens_shift = true;              ///< 92h and 4Fh open a closed shift
    bool keeps_receipt = true;            ///< an open receipt outlives the power
    bool paper_bit_is_absence = false;    ///< 3Fh flag b3: 1 while there is no paper
    bool drawer_bit_inverted = false;     ///< 3Fh flag b2: 1 while the drawer is shut (it always is)
    unsigned no_print_flag = 0x04;        ///< bit of 92h for a receipt without paper; another host uses 02h
    bool short_is_72 = false;             ///< 4Ah of a receipt not paid in full: 72h, not 86h
    bool open_by_kind = false;            ///< 92h with a receipt open: 89h or 87h by its kind, not 9Bh
    bool bcd_item_kind = false;           ///< EBh fields 1212 and 1214 are BCD
    bool requisites_in_wire_page = false; ///< text of E8h is in the printer's page, not in CP866
    std::chrono::milliseconds clearing{1000}; ///< mode 7.1 after a Z report
    std::chrono::milliseconds reboot{2000};   ///< after CE 41

    /// Sets the choice of that name. False: there is none.
    bool set(std::string_view quirk);
    /// The choices a user may ask for by name.
    static std::vector<Quirk> quirks();
};

} // namespace kb::emulator::atol
