#pragma once
// The contract a plugin declares, as the host executes it. Format reference: contracts/README.md.

#include <cstdint>
#include <expected>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/decimal.hpp"
#include "core/base/result.hpp"
#include "core/contract/field_rule.hpp"
#include "core/contract/limits.hpp"
#include "core/contract/pointer.hpp"
#include "core/toml/problems.hpp"
#include "core/toml/tree.hpp"

namespace sluice::contract {

using toml::Problem;

/// A configuration key a connector of this plugin takes.
struct ConfigKey {
    std::string name;
    enum class Type { text, integer, boolean, secret } type = Type::text;
    std::optional<std::string> default_value;  ///< none: required
    bool optional = false;                     ///< of a secret: a connector may go without
    std::vector<std::string> choices;          ///< empty: any
    std::string help;
};

struct Signature {
    enum class Scheme { hmac_sha256_base64 } scheme = Scheme::hmac_sha256_base64;  ///< over the raw body
    std::string header;
    std::string secret;  ///< the configuration key (type secret) that holds the key
};

struct WebhookTrigger {
    std::vector<std::string> topics;
    /// Which of two documents of one revision is newer (a header with more digits); no parts: none declared.
    Template revision_tie;
    Template topic;  ///< usually "{header:X-Shopify-Topic}"
    Template event_id;
    std::string record;  ///< JSON Pointer to the record's own identity
    std::optional<Signature> signature;
};

/// Changes of an Odoo model, read by polling (core/odoo/capture.hpp).
struct OdooChangeTrigger {
    std::string model;
    std::string domain = "[]";  ///< JSON; the text "{config:KEY}" in it stands for that key's value
    std::vector<std::string> fields;
    std::vector<std::string> optional_fields;                ///< read where the database has them
    std::vector<std::pair<std::string, std::string>> links;  ///< many2one field, its model
    bool only_linked = false;
    bool from_the_beginning = false;
    std::int64_t every_ms = 15'000, overlap_ms = 180'000, sweep_ms = 86'400'000;
};

/// A wall clock or an interval; one of `cron` and `every_ms` is set.
struct ScheduleTrigger {
    std::string cron, zone = "UTC";
    std::int64_t every_ms = 0;
    bool skips_missed = false;  ///< what was due while the host did not run is passed over, else run once
};

/// Messages of a NATS JetStream stream, taken by a durable pull consumer. Of places, the names hold "{config:KEY}"
/// only. To the other templates subject, stream and sequence number are the headers Nats-Subject, Nats-Stream,
/// Nats-Sequence.
struct QueueTrigger {
    Template stream;
    Template consumer;      ///< no parts: the host makes a name of connector and flow
    Template subject;       ///< which of the stream's subjects, with NATS's wildcards; no parts: all
    Template topic;         ///< no parts: the message's subject
    Template event_id;      ///< no parts: the message's place in the stream
    Template revision_tie;  ///< as of a webhook
    std::string record;     ///< as of a webhook
};

struct Retry {
    std::int64_t base_ms = 1'000, cap_ms = 300'000;
    int limit = 8;
};

/// A flow's share of its connector's lanes where several have something to do.
enum class Priority { high, normal, low };

/// Events of several ordering keys handed to the plugin at once, each with a verdict of its own.
struct Batch {
    static constexpr int most = 1'000;
    int max = 1;               ///< 1: no batches
    std::int64_t wait_ms = 0;  ///< how long the first of a batch waits for others
};

/// How long an event is kept once it has ended. A dead letter is kept until a person decides.
struct Retention {
    /// Senders repeat what got no answer for as long as two days.
    static constexpr std::int64_t shortest_ids_ms = 72LL * 60 * 60 * 1'000;
    static constexpr std::int64_t default_ms = 90LL * 24 * 60 * 60 * 1'000;
    std::int64_t payload_ms = default_ms;  ///< what came: payload, headers, edits
    std::int64_t ids_ms = default_ms;      ///< everything else: by its id a repeat is known
    bool operator==(const Retention&) const = default;
};

struct LinesRule {
    std::string field, model, parent_field;
    Pointer each;  ///< of an array, "*" for every element; absent or null is no lines
    Template external_id;
    std::vector<FieldRule> fields;
    std::optional<std::string>
        skip_when_zero;    ///< a line whose decimal field of this name is zero or absent is left out
    Conditions skip_when;  ///< an element for which one holds is no line
    Conditions only_when;  ///< an element for which one does not hold is no line
};

/// A rule between values of the document, checked before anything is submitted. Exactly one of required, any, none,
/// compare, sum is set.
struct Check {
    std::string rule;               ///< in words, for the dead letter
    toml::Place place;              ///< in the contract, for messages
    Pointer each;                   ///< of an array: the rule is for each element; "": once, for the document
    Conditions when;                ///< it is only where all of these hold
    std::vector<Pointer> required;  ///< pointers: all must be there
    std::vector<Pointer> any;       ///< pointers: at least one must
    std::vector<Pointer> none;      ///< pointers: none may
    enum class Operator { equal, not_equal, less, less_or_equal, greater, greater_or_equal };
    /// Holds where one of both is absent.
    struct Compare {
        Pointer left;
        Operator by = Operator::equal;
        Pointer right;  ///< or a constant
        bool right_is_constant = false;
        As as = As::decimal;
    };
    std::optional<Compare> compare;
    struct Term {
        Pointer each;                  ///< of an array: summed over its elements; "": one value
        std::vector<Pointer> product;  ///< every one a factor
        bool subtract = false;
        std::optional<int> digits;  ///< the product is rounded to these, half up
    };
    struct Sum {
        std::vector<Term> terms;
        Pointer total;                    ///< what they are together, or at least
        std::optional<Decimal> constant;  ///< instead of `total`
        bool at_least = false;            ///< they may be more; and it holds where `total` is absent
        Decimal tolerance;                ///< how far off they may be
    };
    std::optional<Sum> sum;
};

struct RecordRule {
    std::string name;  ///< "" for the flow's own record, else what `record = "..."` names
    std::string model;
    Template external_id;
    std::vector<std::vector<FieldRule>> candidates;
    bool adopt = false, create_only = false;
    /// Pointer: where the value is absent, null or empty there is no such record.
    std::optional<Pointer> when_present;
    /// Two pointers: where their values are the same there is no such record.
    std::optional<std::pair<Pointer, Pointer>> when_differs;
    /// Pointers ("*" for every element) of what must be there, be it empty: what a vendor always sends and a document
    /// cut short lacks, so that its absence is not taken for "none".
    std::vector<Pointer> requires_all;
    std::vector<Check> checks;
    std::vector<FieldRule> fields;
    std::vector<LinesRule> lines;
    bool unlink_removed = true;  ///< removed = "unlink" | "keep"
    struct Protect {
        std::string field;
        std::vector<std::string> values;
        std::string action; /* "reject", "skip" or "{config:KEY}" */
    };
    std::optional<Protect> protect;
    /// A value a field must reach, by calls of the record's own methods once it is written.
    struct Transition {
        Pointer when_present;  ///< asked for where the value is not absent, null or empty
        std::string field;
        std::vector<std::string> done;                           ///< the values to reach
        std::vector<std::pair<std::string, std::string>> calls;  ///< from which value which method leads on
        std::string otherwise; /* "reject", "skip" or "{config:KEY}": what any other value does */
    };
    std::vector<Transition> transitions;
};

/// What a change in Odoo becomes for the other system: a JSON document.
struct DocumentRule {
    struct Lines;
    /// Where a value stands among the others: a tree of names, whose leaves are fields and lines.
    struct Shape {
        std::string name;
        std::vector<Shape> members;
        int field = -1, lines = -1;  ///< index in Members; -1: none
        bool is_value() const { return field >= 0 || lines >= 0; }
    };
    struct Members {
        std::vector<FieldRule> fields;  ///< `name` is the target's pointer
        std::vector<Lines> lines;
        Shape shape;
    };
    std::vector<Pointer> requires_all;
    std::vector<Check> checks;
    Members members;
};

/// An array of the document, an object for each element of another.
struct DocumentRule::Lines {
    std::string target;
    Pointer each;
    Conditions skip_when, only_when;
    Members members;
};

/// Which of a flow's records are held against the other system's, and what then (core/reconcile).
struct ReconcileRule {
    static constexpr std::int64_t default_period_ms = 7LL * 24 * 60 * 60 * 1'000;
    std::vector<std::string> needs;  ///< configuration keys without whose values nobody can be asked
    /// Of the record's fields those that count: "order_line" or "order_line.price_unit" of its lines; none: all.
    std::vector<std::string> fields;
    std::string domain = "[]";                   ///< as OdooChangeTrigger's: which of Odoo's records are looked at
    std::int64_t period_ms = default_period_ms;  ///< how far back a run looks that is told nothing else
    std::optional<ScheduleTrigger> schedule;     ///< none: on demand only
    enum class Repair { none, missed, all };
    Repair repair = Repair::none;  ///< what a scheduled run writes again
};

struct Flow {
    std::string name;
    std::string order;  ///< namespace of ordering keys; the flow's name by default
    std::string error_owner;
    std::string help;
    std::vector<std::string> odoo_reads;  ///< models the plugin reads by itself, for the rights of the account
    std::vector<std::string> needs;       ///< configuration keys without whose values the flow is off
    std::optional<WebhookTrigger> webhook;
    std::optional<OdooChangeTrigger> odoo_change;
    std::optional<ScheduleTrigger> schedule;
    std::optional<QueueTrigger> queue;
    std::string ordering_key;  ///< JSON Pointer; "" where only a schedule or a person starts the flow: one at a time
    std::string revision;      ///< JSON Pointer; "": none declared
    Retry retry;
    bool dead_letter_holds_key = true;
    Priority priority = Priority::normal;
    std::int64_t deadline_ms = 0;  ///< after its arrival, from which on an event is a dead letter undelivered; 0: none
    bool coalesce_latest = false;  ///< of one key and topic only the newest that waits is delivered
    Batch batch;
    Retention retention;
    std::optional<RecordRule> record;
    std::map<std::string, RecordRule> records;  ///< named records it refers to
    std::optional<DocumentRule> document;       ///< instead of `record`
    std::vector<NamedHook> hooks;               ///< what of its rules the plugin's code must provide
    std::optional<ReconcileRule> reconcile;
};

/// How a secret is applied to the plugin's HTTP calls: header `header` = `prefix` + secret. Plugins name it and never
/// see it.
struct Credential {
    std::string header = "Authorization", prefix = "Bearer ";
    std::string secret;  ///< the configuration key (type secret)
};

/// What the version number promises to those who rely on the contract (core/review/changes.hpp holds it to that).
struct Compatibility {
    /// What a breaking change raises while the first number is 0: the second one, or whichever.
    enum class Before1 { minor, any } before_1 = Before1::minor;
    std::int64_t notice_ms = 0;  ///< how long before it takes effect a breaking change is announced; 0: not said
    std::string help;            ///< for people
};

struct Contract {
    std::string name, version, external_system, api_version;
    Compatibility compatibility;
    Limits limits;  ///< of the external system
    std::map<std::string, ConfigKey> config;
    std::map<std::string, Credential> credentials;
    std::map<std::string, Flow> flows;
};

/// Parses and checks a contract: every problem at once, each with line, column and, for an unknown key, the nearest
/// right one. `file` is the name used in messages.
std::expected<Contract, std::vector<Problem>> parse_contract(std::string_view toml, std::string_view file);
/// The same of a tree that was put together of several texts; `files` are their names, by Place::file.
std::expected<Contract, std::vector<Problem>> parse_contract(const toml::Node& tree, std::vector<std::string> files);

}  // namespace sluice::contract
