// The one door for requests, whichever interface they come in by: checked, made durable, found again by the
// caller's key. Nothing here talks to a register; its own runner does.
#pragma once

#include "agent/async.hpp"
#include "agent/device.hpp"
#include "protocol/fiscal/request_checks.hpp"
#include "storage/jobs.hpp"

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace kb::agent {

/// A request as a caller hands it in.
struct AskedJob {
    std::string caller;     ///< whose keys they are: "native", "atol", "kkmserver", "kktctl", "cabinet"
    std::string key;        ///< 1..128 characters of the caller's choice
    std::string kkt_serial; ///< empty: the only register there is
    fiscal::Request request;
    std::int32_t priority = 0;
    std::optional<std::chrono::milliseconds>
        wait_at_most;                       ///< not begun by then: expired. nullopt: as configured
    std::string job_id;                     ///< empty: a new UUID
    std::string note;                       ///< the caller's own, kept with the job
    std::optional<Steady::time_point> came; ///< its caller's question, whole; nullopt: now
};

struct AcceptedJob {
    storage::Job job;
    bool is_new = true; ///< false: the key was known, `job` is what it stands for, however it is now
};

/// Why a request was not taken; nothing was written then.
struct JobRefusal {
    /// bad_value: see faults; not_found: no such register; conflict: the key stands for another request;
    /// storage_…: the journal cannot write.
    Error error;
    std::vector<fiscal::RequestFault> faults;
    std::size_t index = 0; ///< of several: which one it is about
};
using JobAnswer = tl::expected<AcceptedJob, JobRefusal>;

/// How far the OFD is with a job's document.
enum class OfdProgress { unknown, waiting, sent, confirmed };
std::string_view to_string(OfdProgress progress);

/// A job with what is not in its row.
struct JobView {
    storage::Job job;
    OfdProgress ofd = OfdProgress::unknown;
    std::string qr;                      ///< of a receipt that is done
    std::optional<JobObstacle> obstacle; ///< why it does not go on, when it is the first of its queue
    bool person_may_decide = false;      ///< unknown, and its FN can no longer be asked
};

class JobDesk {
public:
    using Devices = std::function<const std::vector<std::shared_ptr<Device>>&()>;
    struct Services {
        asio::any_io_executor executor;
        storage::Worker& journal;
        const Clock& clock;
        Devices devices;
    };
    struct Policy {
        std::chrono::milliseconds wait_at_most = std::chrono::hours(24);
    };

    JobDesk(Services services, Policy policy);

    /// Durable when it says yes; the register has been woken then.
    asio::awaitable<JobAnswer> accept(AskedJob asked);
    /// Several requests of one caller to one register (which the first one names), all of them or none. Each
    /// is begun only when the one before it is done; where one ends in another way, those behind it are
    /// cancelled. Known keys: all of them or Errc::conflict.
    asio::awaitable<tl::expected<std::vector<AcceptedJob>, JobRefusal>>
    accept_all(std::vector<AskedJob> asked);
    /// Errc::not_found for ids nobody knows. A job that waited longer than it may is ended as expired first:
    /// its register's own runner may be away.
    Task<JobView> find(std::string job_id);
    Task<JobView> find_by_key(std::string caller, std::string key);
    /// As find, at once: when it was looked for before, nothing in the journal has changed since, and not too
    /// much else was looked for. Otherwise nullptr. The view is good until the next call.
    [[nodiscard]] const JobView* at_hand(const std::string& job_id);
    /// As find, once the job is final or `at_most` has passed.
    Task<JobView> wait(std::string job_id, std::chrono::milliseconds at_most);
    Task<std::vector<JobView>> list(storage::JobFilter filter);
    /// Only while it waits: Errc::conflict afterwards.
    Task<JobView> cancel(std::string job_id);
    /// A person's word on a job that is unknown and whose FN can no longer be asked (Errc::conflict
    /// otherwise): it was made, or it was not. Kept with name and reason.
    struct Decision {
        bool made = false;
        std::string name;
        std::string reason;
        std::optional<std::uint32_t> fd_number; ///< of the document, when it was made and is known
    };
    Task<JobView> decide(std::string job_id, Decision decision);
    /// Requests whose time is over end as expired, also those of registers that are away.
    Task<void> expire();
    Task<void> pause(std::string kkt_serial, std::string reason);
    /// `only_if`: a pause for another reason, somebody else's, stays, and is Errc::conflict with that reason.
    Task<void> resume(std::string kkt_serial, std::optional<std::string> only_if = std::nullopt);

    /// The device serving this number, or the only one for an empty number; nullptr: none.
    [[nodiscard]] std::shared_ptr<Device> device(const std::string& kkt_serial) const;
    [[nodiscard]] const std::vector<std::shared_ptr<Device>>& devices() const { return services_.devices(); }

    /// For DeviceServices::on_job: wakes who waits for it and tells the listeners.
    void on_job(const std::string& job_id);
    /// Called with each job that has changed, on the io_context's thread, as long as the handle lives.
    using Listener = std::function<void(const JobView&)>;
    [[nodiscard]] std::shared_ptr<void> listen(Listener listener);

private:
    Result<std::string> register_of(const std::string& kkt_serial) const;
    /// What the journal knows of requests that are to be accepted.
    struct Before {
        std::optional<storage::Job> first_known; ///< the job that the first key stands for
        bool register_was_here = false;
    };
    using Finder = std::function<Result<std::optional<storage::Job>>(storage::Journal&)>;
    Task<JobView> look(Finder where, std::string missing);
    Task<Before> look_before(std::string caller, std::string key, std::string kkt_serial);
    [[nodiscard]] std::vector<fiscal::RequestFault> faults_of(const fiscal::Request& request,
                                                              const std::string& kkt_serial) const;
    [[nodiscard]] JobView view(storage::Job job) const;
    /// What is not of the row but of this moment.
    void note_present(JobView& view) const;
    asio::awaitable<void> tell(std::string job_id);

    Services services_;
    Policy policy_;
    std::multimap<std::string, std::shared_ptr<Signal>> waiting_;
    /// Jobs as they were found while storage::Journal::changes() was that.
    struct Found {
        std::uint64_t changes = 0;
        std::size_t bytes = 0;
        JobView view;
    };
    std::map<std::string, Found> found_;
    std::size_t bytes_at_hand_ = 0;
    std::vector<std::weak_ptr<Listener>> listeners_;
};

/// Some job has not ended; also when the journal cannot say.
bool has_open_jobs(storage::Journal& journal);

/// A new random UUID, RFC 4122 version 4.
std::string new_job_id();

} // namespace kb::agent
