#pragma once
// libnats' objects with destructors, and its statuses as errors. For jetstream.cpp alone.

#include <nats/nats.h>

#include <memory>
#include <string>
#include <string_view>

#include "core/base/headers.hpp"
#include "core/base/result.hpp"

namespace sluice::host::nats {

template <auto Destroy>
struct Destroyer {
    template <class T>
    void operator()(T* object) const {
        Destroy(object);
    }
};
using Options = std::unique_ptr<natsOptions, Destroyer<natsOptions_Destroy>>;
using Connection = std::unique_ptr<natsConnection, Destroyer<natsConnection_Destroy>>;
using Subscription = std::unique_ptr<natsSubscription, Destroyer<natsSubscription_Destroy>>;
using Context = std::unique_ptr<jsCtx, Destroyer<jsCtx_Destroy>>;
using ConsumerInfo = std::unique_ptr<jsConsumerInfo, Destroyer<jsConsumerInfo_Destroy>>;
using MetaData = std::unique_ptr<jsMsgMetaData, Destroyer<jsMsgMetaData_Destroy>>;
using Message = std::unique_ptr<natsMsg, Destroyer<natsMsg_Destroy>>;

/// What libnats says about its last error on this thread, in one line.
std::string reason(natsStatus status);

/// "WHAT: reason", of the class the status asks for.
std::unexpected<Error> failed(natsStatus status, std::string_view what);

/// In the order of their names, each with all its values.
http::Headers headers_of(natsMsg* message);

}  // namespace sluice::host::nats
