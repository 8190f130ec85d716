#include "tests/exactly_once/promise.hpp"

#include "agent/jobs/intent.hpp"
#include "protocol/fiscal/request_json.hpp"

#include <stdexcept>

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

namespace {

Kopecks total_asked(const storage::Job& job)
{
    const auto request = fiscal::request_from_json(job.asked.request);
    if (!request || !request->receipt) {
        throw std::runtime_error(job.asked.key + " asks for no receipt");
    }
    const auto& asked = *request->receipt;
    return asked.total ? *asked.total : fiscal::total_of(asked).value();
}

} // namespace

void tally_up(Tally& tally, const TestRegister& device, std::uint32_t first,
              const std::vector<storage::Job>& jobs, std::size_t by_hand, const std::string& what)
{
    constexpr auto kReceipt = static_cast<unsigned>(fiscal::DocumentType::receipt);
    std::map<std::string, std::vector<TestRegister::Fiscal>> made;
    std::size_t receipts_in_fn = 0;
    for (const TestRegister::Fiscal& document : device.documents(first)) {
        receipts_in_fn += document.type == kReceipt ? 1 : 0;
        if (!document.marker.empty()) {
            made[document.marker].push_back(document);
        }
    }
    std::size_t with_a_job = 0;
    for (const storage::Job& job : jobs) {
        const auto found = made.find(agent::marker_of(job.asked.job_id));
        const auto documents = found == made.end() ? std::vector<TestRegister::Fiscal>{} : found->second;
        with_a_job += documents.size();
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
            } else if (job.outcome.fd_number != documents.front().fd_number ||
                       documents.front().total != total_asked(job)) {
                complain(tally.lost);
            }
        } else if (!documents.empty()) {
            complain(tally.false_confirmations);
        } else {
            tally.not_made.push_back(told);
        }
    }
    // Each receipt is some job's or was rung by hand: one without a marker would be seen by nothing else.
    if (receipts_in_fn != with_a_job + by_hand) {
        ++tally.doubled;
        tally.complaints.push_back(what + ": " + std::to_string(receipts_in_fn) +
                                   " receipts in the FN, of which " + std::to_string(with_a_job) +
                                   " bear a job's marker and " + std::to_string(by_hand) +
                                   " were rung by hand");
    }
}

} // namespace kb::test
