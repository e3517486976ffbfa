#pragma once
// One database transaction: the lock for its whole life, undone unless committed.

#include <mutex>

#include "tests/simulators/odoo/environment.hpp"

namespace sluice::sim {

class Transaction {
public:
    explicit Transaction(Database& database) : lock_(database.mutex), store_(database.store) { store_.begin(); }
    ~Transaction() {
        if (!committed_) store_.rollback();
    }
    Transaction(const Transaction&) = delete;
    Transaction& operator=(const Transaction&) = delete;

    void commit() {
        store_.commit();
        committed_ = true;
    }

private:
    std::lock_guard<std::mutex> lock_;
    Store& store_;
    bool committed_ = false;
};

}  // namespace sluice::sim
