// ATOL registers through their maker's library.
#include "tests/emulator/common/fptr_register.hpp"

namespace kb::test {

std::vector<Way> atol_fptr_ways();

std::vector<Way> atol_fptr_ways()
{
    Way way;
    way.name = "ATOL through its maker's library";
    way.family = "atol";
    way.configured_family = "atol-fptr";
    way.options.library = KB_FPTR_STAND_IN;
    way.reads_without_paper = true;
    way.sd_card = false;
    way.firmware_date = false;
    way.raw_line = false;
    way.prints = true;
    way.closing_command = "close_receipt";
    way.start = [](asio::io_context& io) { return std::make_unique<FptrRegister>(io); };
    return {way};
}

} // namespace kb::test
