//! Things that need each other, in an order in which each comes after what it needs.

/// The order, or a circle: indexes of things each of which needs the next.
pub(super) fn order(needs: &[Vec<usize>]) -> Result<Vec<usize>, Vec<usize>> {
    let mut ordered = Vec::with_capacity(needs.len());
    let mut path = Vec::new();
    for at in 0..needs.len() {
        visit(at, needs, &mut ordered, &mut path)?;
    }
    Ok(ordered)
}

fn visit(
    at: usize,
    needs: &[Vec<usize>],
    ordered: &mut Vec<usize>,
    path: &mut Vec<usize>,
) -> Result<(), Vec<usize>> {
    if ordered.contains(&at) {
        return Ok(());
    }
    if let Some(start) = path.iter().position(|earlier| *earlier == at) {
        return Err(path.split_off(start));
    }
    path.push(at);
    for need in needs.get(at).into_iter().flatten() {
        visit(*need, needs, ordered, path)?;
    }
    path.pop();
    ordered.push(at);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::order;

    #[test]
    fn each_comes_after_what_it_needs_and_else_as_written() {
        assert_eq!(order(&[vec![2], vec![], vec![]]), Ok(vec![2, 0, 1]));
        assert_eq!(order(&[vec![], vec![], vec![]]), Ok(vec![0, 1, 2]));
    }

    #[test]
    fn a_circle_is_named() {
        assert_eq!(order(&[vec![], vec![2], vec![3], vec![1]]), Err(vec![1, 2, 3]));
        assert_eq!(order(&[vec![0]]), Err(vec![0]));
    }
}
