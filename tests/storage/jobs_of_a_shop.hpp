// Requests as a shop's programs hand them in, and the lives they lead: the same for the same number.
#pragma once

#include "tests/storage/documents_of_a_shop.hpp"

#include <string>
#include <vector>

namespace kb::storage::test {

/// A receipt for kKkt, from "native", with the key "sale-<number>".
NewJob asked(int number);
JobIntent intent_after(std::uint32_t last_fd_number);
JobOutcome made(std::uint32_t fd_number);

/// What can be done with a job. `add` is the first of every life.
enum class Step { add, begin, put_back, doubt, done, refuse, cancel, expire };
/// What is done with the job of this number, in order. Five different lives, in turns.
std::vector<Step> life_of(int number);
/// The job as it has to be when the first `steps` (1..) of its life are taken; `id` and `ticket` are left
/// out.
Job after(int number, std::size_t steps);
/// Takes the step `index` (0..) of its life.
Result<void> take_step(Jobs& jobs, int number, std::size_t index);
/// Equal in all that is written, but for `id`.
bool same(const Job& a, const Job& b);

/// All jobs of a journal, oldest first.
Result<std::vector<Job>> all_jobs(Journal& journal);

} // namespace kb::storage::test
