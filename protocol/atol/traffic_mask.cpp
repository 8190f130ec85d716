// A whole ATOL conversation without what is private.
#include "protocol/atol/codec.hpp"
#include "protocol/atol/exchange_v3.hpp"
#include "protocol/atol/frame_v2.hpp"
#include "protocol/atol/frame_v3.hpp"
#include "protocol/atol/traffic.hpp"
#include "protocol/atol/traffic_private.hpp"
#include "protocol/fiscal/document_pieces.hpp"

#include <algorithm>

namespace kb::atol {

namespace {

using Kind = TrafficItem::Kind;

constexpr std::size_t kAnswerHead = 2; // 55 ERR

/// How many bytes of a v3 packet's data are the buffer's and not the command's.
std::size_t buffer_head(const TrafficItem& item)
{
    using namespace v3::buffer;
    const std::uint8_t first = item.body[0];
    if (item.from_host)
        return first == kAdd ? 3 : first == kAck || first == kReq ? 2 : 1; // flags and task, task
    return first == kAsyncResult || first == kAsyncError ? 2 : 1;          // task
}

/// What nobody claims becomes zeros: everything at first, then each place is filled again with what may be
/// seen of it.
class Masker {
public:
    Masker(std::vector<TrafficItem>& items, RecordedTransport transport)
        : raw_(items),
          items_(items),
          transport_(transport)
    {
        for (TrafficItem& item : items_)
            if (item.kind == Kind::frame && !item.body.empty())
                zero_out(bytes_from(item.body, transport_ == RecordedTransport::v3 ? buffer_head(item) : 0));
    }

    void run()
    {
        for (const TrafficTalk& talk : talks_of(raw_, transport_)) {
            const BytesView raw = at_place(raw_, talk.requests.front());
            Bytes request(raw.begin(), raw.end());
            mask_request(request);
            for (const TrafficPlace place : talk.requests)
                put(place, request);
            answer(talk, raw);
        }
        end(false);
    }

private:
    void put(TrafficPlace place, BytesView bytes)
    {
        std::copy(bytes.begin(), bytes.end(),
                  items_[place.item].body.begin() + static_cast<std::ptrdiff_t>(place.at));
    }

    void answer(const TrafficTalk& talk, BytesView request)
    {
        const auto code = request_code(request);
        const bool reads = code && static_cast<Command>(*code) == Command::fn_read_document;
        const bool opens = code && static_cast<Command>(*code) == Command::fn_open_document;
        if (opens || (reads && talk.answers.empty()))
            end(false);
        if (talk.answers.empty())
            return;
        const BytesView raw = at_place(raw_, talk.answers.front());
        Bytes masked(raw.begin(), raw.end());
        const auto data = code ? answer_data(*code, raw) : Result<BytesView>(BytesView());
        if (reads && data && raw.size() > kAnswerHead) {
            put_everywhere(talk, masked);
            document_.add(std::span(items_[talk.answers.front().item].body)
                              .subspan(talk.answers.front().at + kAnswerHead));
            pieces_.push_back(talk);
            return;
        }
        if (reads)
            end(!data && data.error().device_code);
        if (opens && data) {
            const auto opened = decode_reply<FnOpenDocument>(raw, Dialect{});
            const fiscal::Tag type =
                opened ? opened->type.value_or(fiscal::tag::receipt) : fiscal::tag::receipt;
            document_.begin(type, opened && opened->length ? std::optional<std::size_t>(*opened->length)
                                                           : std::nullopt);
        }
        mask_answer(request, masked);
        put_everywhere(talk, masked);
    }

    void put_everywhere(const TrafficTalk& talk, BytesView bytes)
    {
        for (const TrafficPlace place : talk.answers)
            put(place, bytes);
    }

    /// The document's pieces are masked; those that came twice, alike.
    void end(bool told_end)
    {
        document_.end(told_end);
        for (const TrafficTalk& piece : pieces_) {
            const BytesView first = at_place(items_, piece.answers.front());
            const Bytes masked(first.begin(), first.end());
            put_everywhere(piece, masked);
        }
        pieces_.clear();
    }

    const std::vector<TrafficItem> raw_;
    std::vector<TrafficItem>& items_;
    RecordedTransport transport_;
    fiscal::DocumentPieces document_;
    std::vector<TrafficTalk> pieces_; ///< the pieces of the present document
};

Bytes framed(const TrafficItem& item, RecordedTransport transport)
{
    if (item.kind != Kind::frame)
        return item.body;
    return transport == RecordedTransport::v2
               ? v2::encode_frame(item.body)
               : v3::encode_packet(static_cast<std::uint8_t>(item.number), item.body);
}

// Nothing of damaged bytes is shown but that there were some. An STX without the end of its frame would
// swallow the next one, so only FE is left.
void mask_noise(Bytes& bytes, RecordedTransport transport)
{
    const bool packet = transport == RecordedTransport::v3 && bytes[0] == v3::kStart;
    zero_out(bytes);
    if (packet)
        bytes[0] = v3::kStart;
}

} // namespace

ExchangeFile mask_traffic(const ExchangeFile& file)
{
    const RecordedTransport transport = recorded_transport(file);
    std::vector<TrafficItem> items = read_traffic(file);
    Masker(items, transport).run();
    ExchangeFile masked;
    masked.head = file.head;
    for (TrafficItem& item : items) {
        if (item.kind == Kind::noise)
            mask_noise(item.body, transport);
        masked.lines.push_back({item.from_host, framed(item, transport), file.lines[item.line].comment});
    }
    return masked;
}

} // namespace kb::atol
