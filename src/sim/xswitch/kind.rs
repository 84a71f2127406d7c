//! What makes one family of rows different from another: a table.

/// What makes a family different.
pub(super) struct Kind {
    /// As the samples are named: `extension_list`, `extension_get`, …
    pub(super) name: &'static str,
    /// The path's folders; the second is a misspelling that is understood.
    pub(super) folders: [&'static str; 2],
    /// The values of `type` that tell families in one folder apart; none where the folder is theirs alone.
    pub(super) types: &'static [&'static str],
    /// The id that the next row gets, or the first free one behind it.
    pub(super) next: u64,
    /// The argument by which a list is searched, for a part of its value.
    pub(super) search: &'static str,
    /// The member that no two rows may share.
    pub(super) unique: &'static str,
    /// Whether a row that would share it takes the other's place, or is refused.
    pub(super) replaces: bool,
    /// Rows on a page where nothing is said; 0: no pages, a bare list.
    pub(super) page: usize,
    /// Whether `set` and `del` answer `{}`, or the id.
    pub(super) is_silent: bool,
    /// What a new row has where nothing is said; else it is empty.
    pub(super) blank: &'static [(&'static str, &'static str)],
    /// The members of which the document names all values.
    pub(super) one_of: &'static [(&'static str, &'static [&'static str])],
}

const OF_ROWS: Kind = Kind {
    name: "",
    folders: ["", ""],
    types: &[],
    next: 1,
    search: "",
    unique: "",
    replaces: false,
    page: 10,
    is_silent: false,
    blank: &[],
    one_of: &[],
};

const EXTENSION: &[(&str, &str)] = &[
    ("context", "default"),
    ("domain", "xswitch.cn"),
    ("type", "SIP"),
    ("priority", "99"),
    ("display_order", "0"),
    ("disabled", "0"),
    ("weblogin_disabled", "0"),
    ("sync_enabled", "0"),
];
const QUEUE: &[(&str, &str)] = &[
    ("cti_template", "callcenter"),
    ("strategy", "random"),
    ("moh_sound", "local_stream://moh"),
    ("auto_record", "0"),
];
const IVR: &[(&str, &str)] = &[("record", "close"), ("timeout_enable", "0"), ("call_extn_allowed", "0")];

const TERMINALS: &[&str] = &["SIP", "VERTO", "TEL"];
const STRATEGIES: &[&str] = &[
    "ring-all",
    "longest-idle-agent",
    "round-robin",
    "top-down",
    "agent-with-least-talk-time",
    "agent-with-fewest-calls",
    "sequentially-by-agent-order",
    "random",
    "ring-progressively",
];
const WEEKDAYS: &[&str] = &["1", "2", "3", "4", "5", "6", "7"];
const MENUS: &[(&str, &[&str])] = &[
    ("type", &["transfer", "next", "prev", "top"]),
    ("voice_type", &["file"]),
    ("record", &["close", "miss", "all"]),
    ("business_type", &["order", "memory", "ringall", "queue"]),
];
const LINES: &[(&str, &[&str])] =
    &[("type", &["only", "ringall", "ivr", "queue"]), ("period_type", &["work", "holiday", "off"])];

/// All families.
pub(super) const KINDS: [Kind; 6] = [
    Kind {
        name: "extension",
        folders: ["extensions", ""],
        next: 226,
        unique: "extn",
        blank: EXTENSION,
        one_of: &[("type", TERMINALS)],
        ..OF_ROWS
    },
    Kind {
        name: "queue",
        folders: ["queues", ""],
        next: 6,
        search: "name",
        unique: "name",
        blank: QUEUE,
        one_of: &[("strategy", STRATEGIES)],
        ..OF_ROWS
    },
    Kind {
        name: "work_time",
        folders: ["timeDef", ""],
        types: &["work_time"],
        next: 7,
        // A weekday has one time: adding another sets it.
        unique: "weekday",
        replaces: true,
        one_of: &[("weekday", WEEKDAYS)],
        page: 0,
        ..OF_ROWS
    },
    // The text says `offwork` once where every sample says `offday`.
    Kind {
        name: "off_day",
        folders: ["timeDef", ""],
        types: &["offday", "offwork"],
        next: 5,
        page: 0,
        ..OF_ROWS
    },
    Kind {
        name: "ivr",
        folders: ["ivrs", "ivr"],
        search: "name",
        unique: "name",
        is_silent: true,
        blank: IVR,
        one_of: MENUS,
        ..OF_ROWS
    },
    Kind {
        name: "hotline",
        folders: ["hotlines", "hostlines"],
        search: "nbr",
        page: 200,
        is_silent: true,
        blank: &[("period_enable", "0")],
        one_of: LINES,
        ..OF_ROWS
    },
];
