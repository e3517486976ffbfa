#pragma once
// The wrapper's edge: the C functions behind SLUICE_PLUGIN, where exceptions become statuses. Included by plugin.hpp
// only.

namespace sluice::detail {

struct Instance {
    const sluice_host* host;
    std::unique_ptr<Connector> connector;
};

inline sluice_connector* to_handle(Instance* instance) noexcept {
    return reinterpret_cast<sluice_connector*>(instance);
}
inline Instance* from_handle(sluice_connector* handle) noexcept {
    return reinterpret_cast<Instance*>(handle);
}

/// Runs `body`; whatever it throws becomes a status and an explanation. Nothing passes.
template <class Body>
sluice_status guarded(const sluice_host* host, sluice_delivery* delivery, Body&& body) noexcept {
    const auto explain = [&](std::string_view message, std::int64_t retry_after_ms) noexcept {
        host->explain(delivery, to_text(message), retry_after_ms);
    };
    try {
        body();
        return SLUICE_OK;
    } catch (const HandlingFailure& failure) {
        if (!failure.details().known_to_host) explain(failure.what(), failure.details().retry_after_ms);
        return failure.status() == SLUICE_OK ? SLUICE_RETRY : failure.status();
    } catch (const std::exception& error) {
        explain(error.what(), -1);
        return SLUICE_RETRY;
    } catch (...) {
        explain("the connector threw something that is no std::exception", -1);
        return SLUICE_RETRY;
    }
}

}  // namespace sluice::detail

namespace sluice {

template <class Body>
void BatchItem::run(Body&& body) {
    const sluice_status status = detail::guarded(host_, handle_, std::forward<Body>(body));
    if (status_ == SLUICE_OK) status_ = status;
}

inline void write_records(Batch& batch, std::string_view flow) {
    std::vector<BatchItem*> open;
    for (auto& item : batch) {
        if (!item.has_failed()) open.push_back(&item);
    }
    if (open.empty()) return;
    const sluice_host* const host = open.front()->host_;
    const auto* const together =
        static_cast<const sluice_write_batch*>(host->extension(detail::to_text(SLUICE_WRITE_BATCH)));
    if (together == nullptr) {  // an older host
        for (auto* const item : open) item->run([&] { item->delivery().write_record(flow, item->event().payload); });
        return;
    }
    std::vector<sluice_delivery*> deliveries;
    std::vector<sluice_text> documents;
    for (const auto* const item : open) {
        deliveries.push_back(item->handle_);
        documents.push_back(detail::to_text(item->event().payload));
    }
    std::vector<const sluice_reply*> replies(open.size());
    together->write(deliveries.data(), detail::to_text(flow), documents.data(), open.size(), replies.data());
    for (std::size_t i = 0; i < open.size(); ++i)
        open[i]->run([&] { detail::HeldReply(host, deliveries[i], replies[i]).throw_if_failed(); });
}

}  // namespace sluice

namespace sluice::detail {

inline Event to_event(const sluice_event& event) noexcept {
    return {.event_id = to_view(event.event_id),
            .flow = to_view(event.flow),
            .topic = to_view(event.topic),
            .ordering_key = to_view(event.ordering_key),
            .revision = to_view(event.revision),
            .record = to_view(event.record),
            .payload = to_view(event.payload),
            .headers = to_view(event.headers),
            .attempt = event.attempt,
            .attempt_unknown = event.attempt_unknown != 0,
            .occurred_at_ms = event.occurred_at_ms,
            .deadline_ms = event.deadline_ms};
}

template <class Class>
struct Functions {
    static sluice_status create(const sluice_host* host, sluice_delivery* setup, sluice_text configuration,
                                sluice_connector** made) noexcept {
        if (host->abi_major != SLUICE_ABI_MAJOR || !SLUICE_HAS(host, extension)) return SLUICE_REJECTED;
        return guarded(host, setup, [&] {
            auto instance = std::make_unique<Instance>();
            instance->host = host;
            instance->connector = std::make_unique<Class>(Setup(host, setup, to_view(configuration)));
            *made = to_handle(instance.release());
        });
    }
    static sluice_status handle(sluice_connector* handle, sluice_delivery* delivery,
                                const sluice_event* event) noexcept {
        const Instance* instance = from_handle(handle);
        return guarded(instance->host, delivery, [&] {
            const Event seen = to_event(*event);
            Delivery way(instance->host, delivery, seen.revision);
            instance->connector->handle(seen, way);
        });
    }
    static void handle_batch(sluice_connector* handle, sluice_delivery* const* deliveries,
                             const sluice_event* const* events, size_t count, sluice_status* verdicts) noexcept {
        const Instance* instance = from_handle(handle);
        for (size_t i = 0; i < count; ++i) verdicts[i] = SLUICE_RETRY;  // where there is no memory even for the items
        Batch items;
        // Before the first effect; explained to the first of them, who stands for all.
        const auto made = guarded(instance->host, deliveries[0], [&] {
            for (size_t i = 0; i < count; ++i) items.emplace_back(instance->host, deliveries[i], to_event(*events[i]));
        });
        if (made != SLUICE_OK) return;
        std::exception_ptr failure;
        try {
            static_cast<BatchConnector&>(*instance->connector).handle_batch(items);
        } catch (...) {
            failure = std::current_exception();
        }
        for (size_t i = 0; i < count; ++i) {
            if (failure && !items[i].has_failed()) items[i].run([&] { std::rethrow_exception(failure); });
            verdicts[i] = items[i].status();
        }
    }
    static void destroy(sluice_connector* handle) noexcept { delete from_handle(handle); }
};

/// The plugin's SLUICE_MAPPING_HOOKS, of a class that has some.
template <class Class>
struct HookFunctions {
    static constexpr std::size_t count = std::size(Class::mapping_hooks);

    static sluice_status compute(sluice_text hook, sluice_text arguments, void* out,
                                 void (*answer)(void* out, sluice_text text)) noexcept {
        const auto failed = [&](std::string_view why) noexcept {
            answer(out, to_text(why));
            return SLUICE_INVALID;
        };
        for (const MappingHook& one : Class::mapping_hooks) {
            if (one.name != to_view(hook)) continue;
            try {
                answer(out, to_text(one.compute(to_view(arguments))));
                return SLUICE_OK;
            } catch (const std::exception& error) {
                return failed(error.what());
            } catch (...) {
                return failed("it threw something that is no std::exception");
            }
        }
        return failed("the plugin has no such hook");
    }

    static const void* extension(sluice_text id) noexcept {
        static const auto names = [] {
            std::array<sluice_text, count> texts{};
            for (std::size_t i = 0; i < count; ++i) texts[i] = to_text(Class::mapping_hooks[i].name);
            return texts;
        }();
        static const sluice_mapping_hooks table{sizeof(sluice_mapping_hooks), static_cast<std::uint32_t>(count),
                                                names.data(), &compute};
        return to_view(id) == SLUICE_MAPPING_HOOKS ? &table : nullptr;
    }
};

template <class Class>
concept HasMappingHooks = requires {
    Class::mapping_hooks;
};

template <class Class>
sluice_plugin plugin_table(std::string_view name, std::string_view version, std::string_view contract) noexcept {
    static_assert(std::is_base_of_v<Connector, Class>, "SLUICE_PLUGIN takes a class derived from sluice::Connector");
    sluice_plugin table{};
    table.struct_size = sizeof table;
    table.abi_major = SLUICE_ABI_MAJOR;
    table.abi_minor = SLUICE_ABI_MINOR;
    table.min_host_minor = 0;
    table.name = to_text(name);
    table.version = to_text(version);
    table.contract = to_text(contract);
    table.create = &Functions<Class>::create;
    table.handle = &Functions<Class>::handle;
    if constexpr (std::is_base_of_v<BatchConnector, Class>) table.handle_batch = &Functions<Class>::handle_batch;
    table.destroy = &Functions<Class>::destroy;
    if constexpr (HasMappingHooks<Class>) table.extension = &HookFunctions<Class>::extension;
    return table;
}

}  // namespace sluice::detail
