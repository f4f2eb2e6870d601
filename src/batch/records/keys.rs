//! Finding keys that are repeated.

use super::{Cells, Records};
use crate::batch::bind::Binding;
use crate::batch::rows::{Keys, RawBatch, Reject, TooManyKeys};
use crate::jit::Shape;
use crate::value::Value;

impl Records {
    /// Rejects the good rows whose key was seen before.
    ///
    /// # Errors
    /// Where there are more keys than `keys` may hold.
    pub fn refuse_repeated(
        &mut self,
        binding: &Binding,
        shapes: &[Shape],
        raw: &RawBatch,
        keys: &mut Keys,
    ) -> Result<(), TooManyKeys> {
        let key: Vec<usize> = (0..self.columns.len()).filter(|at| binding.fields[*at].key).collect();
        let Some(first) = key.first() else { return Ok(()) };
        let mut repeated = Vec::new();
        let whole = match (&key[..], &self.columns[*first].cells) {
            ([_], Cells::Int64(cells)) => Some(cells.to_vec()),
            ([_], Cells::Int32(cells)) => Some(cells.iter().map(|cell| i64::from(*cell)).collect()),
            _ => None,
        };
        for row in 0..self.len {
            if !self.is_good(row) {
                continue;
            }
            let place = raw.place(row);
            let seen = match &whole {
                Some(cells) if !self.beyond.contains_key(&(row as u32, *first as u32)) => {
                    keys.see_number(cells[row], place)?
                }
                _ => {
                    let values: Vec<Option<Value>> =
                        key.iter().map(|at| self.value(shapes, row, *at)).collect();
                    keys.see(values.iter(), place)?
                }
            };
            if let Some(first) = seen {
                repeated.push((row, place, first));
            }
        }
        for (row, place, first) in repeated {
            let values: Vec<Option<Value>> = key.iter().map(|at| self.value(shapes, row, *at)).collect();
            let headers: Vec<&str> = key.iter().map(|at| binding.fields[*at].header.as_str()).collect();
            self.refuse(row);
            self.rejects.push(Reject::repeated(place, headers.join("+"), &values, first));
        }
        self.rejects.sort_by_key(|reject| reject.place);
        Ok(())
    }
}
