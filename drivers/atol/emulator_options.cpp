#include "drivers/atol/emulator_options.hpp"

namespace kb::emulator::atol {

namespace {

struct Choice {
    Quirk quirk;
    void (*make)(Options& options);
};

const std::vector<Choice>& choices()
{
    static const std::vector<Choice> kChoices = {
        {{"access_1111", "the access password is 1111, not 0000"},
         [](Options& o) { o.access_password = 0x1111; }},
        {{"ask_repeat", "v3: a damaged packet is answered by an empty one"},
         [](Options& o) { o.ask_repeat = true; }},
        {{"answer_in_reply", "v3: what is done at once is told in the reply to Add"},
         [](Options& o) { o.answer_in_reply = true; }},
        {{"result_first", "v3: the F0 packet overtakes the reply to Add"},
         [](Options& o) { o.result_first = true; }},
        {{"small_buffer", "v3: the buffer takes two tasks"}, [](Options& o) { o.buffer = 2; }},
        {{"whole_tlv", "A4 46 tells a long TLV in one piece"}, [](Options& o) { o.tlv_piece = 0; }},
        {{"short_tlv", "A4 46 tells pieces of 100 bytes"}, [](Options& o) { o.tlv_piece = 100; }},
        {{"long_version_head", "9Dh is answered with a head of three bytes"},
         [](Options& o) { o.long_version_head = true; }},
        {{"shift_stays_closed", "92h and 4Fh do not open the shift"},
         [](Options& o) { o.opens_shift = false; }},
        {{"drops_receipt", "an open receipt is cancelled by a power cut"},
         [](Options& o) { o.keeps_receipt = false; }},
        {{"paper_bit_is_absence", "3Fh flag b3 is 1 while there is no paper"},
         [](Options& o) { o.paper_bit_is_absence = true; }},
        {{"drawer_bit_inverted", "3Fh flag b2 is 1 while the drawer is shut"},
         [](Options& o) { o.drawer_bit_inverted = true; }},
        {{"no_print_02", "92h: bit 02h, not 04h, means \"do not print\""},
         [](Options& o) { o.no_print_flag = 0x02; }},
        {{"short_is_72", "4Ah of a receipt not paid in full answers 72h, not 86h"},
         [](Options& o) { o.short_is_72 = true; }},
        {{"open_by_kind", "92h with a receipt open answers 89h or 87h by its kind, not 9Bh"},
         [](Options& o) { o.open_by_kind = true; }},
        {{"bcd_item_kind", "EBh: tags 1212 and 1214 are BCD"}, [](Options& o) { o.bcd_item_kind = true; }},
        {{"requisites_in_wire_page", "E8h: texts are in the printer's page, not in CP866"},
         [](Options& o) { o.requisites_in_wire_page = true; }},
    };
    return kChoices;
}

} // namespace

bool Options::set(std::string_view quirk)
{
    for (const Choice& choice : choices()) {
        if (choice.quirk.name == quirk) {
            choice.make(*this);
            return true;
        }
    }
    return false;
}

std::vector<Quirk> Options::quirks()
{
    std::vector<Quirk> out;
    for (const Choice& choice : choices())
        out.push_back(choice.quirk);
    return out;
}

} // namespace kb::emulator::atol
