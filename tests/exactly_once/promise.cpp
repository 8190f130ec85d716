#include "tests/exactly_once/promise.hpp"

#include "agent/jobs/intent.hpp"

namespace kb::test {

using storage::JobState;

std::string Tally::line() const
{
    return "receipts: " + std::to_string(receipts) + ", faults: " + std::to_string(faults) +
           ", doubled: " + std::to_string(doubled) + ", lost: " + std::to_string(lost) +
           ", false confirmations: " + std::to_string(false_confirmations) +
           ", unknown left: " + std::to_string(unknown_left);
}

void Tally::add(const Tally& other)
{
    receipts += other.receipts;
    made += other.made;
    faults += other.faults;
    doubled += other.doubled;
    lost += other.lost;
    false_confirmations += other.false_confirmations;
    unknown_left += other.unknown_left;
    not_made.insert(not_made.end(), other.not_made.begin(), other.not_made.end());
    complaints.insert(complaints.end(), other.complaints.begin(), other.complaints.end());
}

void tally_up(Tally& tally, const TestRegister& device, std::uint32_t first,
              const std::vector<storage::Job>& jobs, const std::string& what)
{
    std::map<std::string, std::vector<std::uint32_t>> made;
    for (const TestRegister::Fiscal& document : device.documents(first)) {
        if (!document.marker.empty()) {
            made[document.marker].push_back(document.fd_number);
        }
    }
    for (const storage::Job& job : jobs) {
        const auto found = made.find(agent::marker_of(job.asked.job_id));
        const std::vector<std::uint32_t> documents =
            found == made.end() ? std::vector<std::uint32_t>{} : found->second;
        const std::string told = what + ": " + job.asked.key + " is " + std::string(to_string(job.state)) +
                                 " (" + job.outcome.error_text +
                                 "), documents in the FN: " + std::to_string(documents.size()) +
                                 ", evidence " + job.evidence;
        ++tally.receipts;
        const auto complain = [&](std::size_t& count) {
            ++count;
            tally.complaints.push_back(told);
        };
        if (documents.size() > 1) {
            complain(tally.doubled);
        }
        if (!storage::is_final(job.state)) {
            complain(tally.unknown_left);
        } else if (job.state == JobState::done) {
            ++tally.made;
            if (documents.empty()) {
                complain(tally.false_confirmations);
            } else if (job.outcome.fd_number != documents.front()) {
                complain(tally.lost);
            }
        } else if (!documents.empty()) {
            complain(tally.false_confirmations);
        } else {
            tally.not_made.push_back(told);
        }
    }
}

} // namespace kb::test
