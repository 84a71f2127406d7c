//! A call as the edge read it: names and texts, nothing understood yet.

/// The parameters of one call that its node declares, body before query before headers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Call {
    params: Vec<(String, String)>,
    /// How many parameters came that the node does not declare.
    pub ignored: usize,
}

impl Call {
    /// A call without parameters.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a parameter behind those that are there.
    pub fn push(&mut self, name: impl Into<String>, value: impl Into<String>) {
        self.params.push((name.into(), value.into()));
    }

    /// The parameter's first value that is not empty. White space alone is empty, and empty is not given.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.params
            .iter()
            .find(|(given, value)| given == name && !value.trim().is_empty())
            .map(|(_, value)| value.as_str())
    }

    /// Every parameter, in the order in which they count.
    #[must_use]
    pub fn params(&self) -> &[(String, String)] {
        &self.params
    }
}

impl<N: Into<String>, V: Into<String>> FromIterator<(N, V)> for Call {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(params: I) -> Self {
        let params = params.into_iter().map(|(name, value)| (name.into(), value.into())).collect();
        Self { params, ignored: 0 }
    }
}

#[cfg(test)]
mod tests {
    use super::Call;

    #[test]
    fn the_first_value_that_is_not_empty_counts() {
        let call = Call::from_iter([("tel", ""), ("tel", " "), ("tel", "1"), ("tel", "2")]);
        assert_eq!(call.get("tel"), Some("1"));
        assert_eq!(call.get("email"), None);
    }
}
