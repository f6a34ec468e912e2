use std::fmt::{self, Display};
use std::hash::Hash;
use std::marker::PhantomData;

use indexmap::IndexMap;
use serde::de::{Deserialize, DeserializeSeed, Deserializer, Error, MapAccess, Visitor};

/// Reads a map in the order of the file and refuses a key that appears twice.
///
/// For `#[serde(deserialize_with = "unique_map")]`; the map's own
/// deserialisation would silently keep the last value.
pub fn unique_map<'de, D, K, V>(deserializer: D) -> Result<IndexMap<K, V>, D::Error>
where
    D: Deserializer<'de>,
    K: Deserialize<'de> + Display + Eq + Hash,
    V: Deserialize<'de>,
{
    deserializer.deserialize_map(UniqueMap(PhantomData))
}

struct UniqueMap<K, V>(PhantomData<(K, V)>);

impl<'de, K, V> Visitor<'de> for UniqueMap<K, V>
where
    K: Deserialize<'de> + Display + Eq + Hash,
    V: Deserialize<'de>,
{
    type Value = IndexMap<K, V>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a map")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Self::Value, A::Error> {
        let mut map = IndexMap::new();
        while let Some(key) = access.next_key_seed(NewKey(&map))? {
            map.insert(key, access.next_value()?);
        }
        Ok(map)
    }
}

/// Refuses a key while it is being read, when the reader still knows where it stands.
struct NewKey<'map, K, V>(&'map IndexMap<K, V>);

impl<'de, K: Deserialize<'de> + Display + Eq + Hash, V> DeserializeSeed<'de> for NewKey<'_, K, V> {
    type Value = K;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<K, D::Error> {
        let key = K::deserialize(deserializer)?;
        if self.0.contains_key(&key) {
            return Err(D::Error::custom(format_args!("duplicate key `{key}`")));
        }
        Ok(key)
    }
}
