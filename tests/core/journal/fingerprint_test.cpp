#include "core/journal/fingerprint.hpp"

#include <gtest/gtest.h>

namespace sluice::journal {
namespace {

TEST(Fingerprint, IdsAmountsDatesAndNamesOfRecordsAreOneCause) {
    const auto same = [](const char* one, const char* other) {
        EXPECT_EQ(fingerprint(one), fingerprint(other)) << one << "\n" << other;
    };
    same("rejected: no product with SKU 'A-1'", "rejected: no product with SKU 'B 2'");
    same("rejected: no partner 'Jane Doe'", "rejected: no partner 'zoe'");
    same("no carrier \"dhl\"", "no carrier \"ups\"");
    same("no user 'ann_1'", "no user 'bob_2'");
    same("order 1001 of 2026-01-02 is locked", "order 1002 of 2026-03-04 is locked");
    same("it doesn't know 'A'", "it doesn't know 'B'");
}

TEST(Fingerprint, NamesOfFieldsAndModelsAreAnotherCause) {
    const auto other = [](const char* one, const char* another) {
        EXPECT_NE(fingerprint(one), fingerprint(another)) << one << "\n" << another;
    };
    other("required field 'vat' is missing", "required field 'country_id' is missing");
    other("required field 'vat' is missing", "required field 'zip' is missing");
    other("required field 'street' is missing", "required field 'street2' is missing");
    other("'country_id' is missing", "'state_id' is missing");
    other("no access to 'sale.order'", "no access to 'res.partner'");
    other("null value in column \"vat\"", "null value in column \"zip\"");
    other("violates unique constraint \"partner_email_uniq\"", "violates unique constraint \"partner_ref_uniq\"");
    other("a", "b");
}

}  // namespace
}  // namespace sluice::journal
