//! A region of the numbering plan, as it is written for inputs and for columns of tables.

use crate::diagnostic::code::Code;
use crate::diagnostic::suggest::did_you_mean;
use crate::mapping::compiling::Compiling;
use crate::mapping::yaml::Node;
use crate::mapping::yaml::scalar::Kind;
use crate::node::phone::region::Region;

impl Compiling<'_> {
    /// The region that a value names.
    pub(super) fn region(&mut self, node: &Node) -> Option<Region> {
        let scalar = match node.as_scalar() {
            // A country code, say: to quote it would not help.
            Some(scalar) if matches!(scalar.kind(), Kind::Int | Kind::Float) => scalar,
            _ => self.reader.text(node, "`region`")?,
        };
        let error = match scalar.text.parse::<Region>() {
            Ok(region) => return Some(region),
            Err(error) => error,
        };
        let all: Vec<String> = Region::all().iter().map(ToString::to_string).collect();
        let meant = match scalar.text.to_uppercase().as_str() {
            "UK" => Some("GB"),
            text if text.len() == 2 => did_you_mean(text, all.iter().map(String::as_str)),
            _ => None,
        };
        let help = match meant {
            Some(region) => format!("did you mean `{region}`?"),
            None => "write the two letters of a country, as in ISO 3166: SG, CN, US".to_owned(),
        };
        self.reader.error(Code::BadRegion, scalar.span, error.to_string(), help);
        None
    }
}
