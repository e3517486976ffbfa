#include "host/service/queue_files.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <fstream>
#include <iterator>

#include "core/json/json.hpp"
#include "host/service/replace_file.hpp"

namespace sluice::host {
namespace {

std::string file_name(const std::string& connector, const std::string& flow) {
    return connector + "." + flow;
}

}  // namespace

Result<QueuePlace> QueueFiles::load(const std::string& connector, const std::string& flow, const QueueNames& names) {
    const auto file = folder_ / file_name(connector, flow);
    errno = 0;
    std::ifstream in(file, std::ios::binary);
    if (!in) {
        if (errno == ENOENT) return QueuePlace{};
        return cannot("read", file);
    }
    const std::string text(std::istreambuf_iterator<char>(in), {});
    const auto document = json::Document::parse(text);
    const auto text_of = [&](std::string_view key) {
        const auto found = document->root().find(key);
        return found && found->kind() == json::Kind::string ? std::optional<std::string>(found->text()) : std::nullopt;
    };
    const auto number_of = [&](std::string_view key) {
        const auto found = document->root().find(key);
        return found ? found->as_int64() : std::nullopt;
    };
    if (document && document->root().kind() == json::Kind::object) {
        const auto stream = text_of("stream"), consumer = text_of("consumer"), subject = text_of("subject");
        const auto sequence = number_of("sequence"), stored_at_ns = number_of("stored_at_ns");
        if (stream && consumer && subject && sequence && stored_at_ns) {
            if (*stream != names.stream || *consumer != names.consumer || *subject != names.subject)
                return QueuePlace{};
            return QueuePlace{.sequence = static_cast<std::uint64_t>(*sequence), .stored_at_ns = *stored_at_ns};
        }
    }
    return fail(Failure::retry, fmt::format("{} does not say how far a stream was journalled; delete it, and a "
                                            "consumer that is missing begins with the oldest message",
                                            file.string()));
}

Result<void> QueueFiles::save(const std::string& connector, const std::string& flow, const QueueNames& names,
                              const QueuePlace& place) {
    json::Writer out;
    out.begin_object().key("stream").string(names.stream).key("consumer").string(names.consumer);
    out.key("subject").string(names.subject).key("sequence").integer(static_cast<std::int64_t>(place.sequence));
    out.key("stored_at_ns").integer(place.stored_at_ns).end_object();
    return replace_file(folder_, file_name(connector, flow), out.take() + "\n");
}

}  // namespace sluice::host
