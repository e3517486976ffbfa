#include "host/service/quota_files.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <fstream>

#include "host/service/replace_file.hpp"

namespace sluice::host {

Result<std::vector<delivery::QuotaStore::Spent>> QuotaFiles::load(const std::string& name) {
    const auto file = folder_ / name;
    std::vector<Spent> spent;
    errno = 0;
    std::ifstream in(file);
    if (!in) {
        if (errno == ENOENT) return spent;
        return cannot("read", file);
    }
    Spent one;
    while (in >> one.until_ms >> one.calls) spent.push_back(one);
    if (!in.eof() || in.bad()) {
        return fail(Failure::retry, fmt::format("{} is no count of a day's calls; delete it where none were made today",
                                                file.string()));
    }
    return spent;
}

Result<void> QuotaFiles::save(const std::string& name, const std::vector<Spent>& spent) {
    std::string text;
    for (const auto& one : spent) text += fmt::format("{} {}\n", one.until_ms, one.calls);
    return replace_file(folder_, name, text);
}

delivery::AdmissionControl::Setup admission_of(const Setup& setup) {
    delivery::AdmissionControl::Setup admission{.odoo = setup.ceilings};
    for (const auto& connector : setup.connectors) {
        admission.connectors.push_back({.name = connector.name,
                                        .odoo = connector.odoo,
                                        .group = connector.rate_limit_group,
                                        .limits = connector.limits});
    }
    return admission;
}

}  // namespace sluice::host
