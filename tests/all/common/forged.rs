//! Zip archives with any lie in them that one likes.

/// One member, as its local header and the directory tell of it.
#[derive(Clone)]
pub struct Member {
    pub name: Vec<u8>,
    pub data: Vec<u8>,
    pub local: Header,
    pub central: Header,
    /// Where the directory says it is, if elsewhere.
    pub offset: Option<u32>,
    /// What follows the data.
    pub after: Vec<u8>,
}

#[derive(Clone)]
pub struct Header {
    pub flags: u16,
    pub method: u16,
    pub crc32: u32,
    pub compressed_size: u32,
    pub size: u32,
    /// The name's length, if it is another one than the name's.
    pub name_len: Option<u16>,
    pub extra: Vec<u8>,
    pub extra_len: Option<u16>,
}

/// A stored member, of which nothing is wrong.
pub fn stored(name: &str, data: Vec<u8>) -> Member {
    let header = Header {
        flags: 0,
        method: 0,
        crc32: crc32fast::hash(&data),
        compressed_size: data.len() as u32,
        size: data.len() as u32,
        name_len: None,
        extra: Vec::new(),
        extra_len: None,
    };
    let (local, central) = (header.clone(), header);
    Member { name: name.into(), data, local, central, offset: None, after: Vec::new() }
}

/// A deflated one: `data` is said to inflate to `inflated`.
pub fn deflated(name: &str, data: Vec<u8>, inflated: &[u8]) -> Member {
    let mut member = stored(name, data);
    member.both(|header| {
        header.method = 8;
        header.crc32 = crc32fast::hash(inflated);
        header.size = inflated.len() as u32;
    });
    member
}

impl Member {
    /// Changes what both headers say.
    pub fn both(&mut self, change: impl Fn(&mut Header)) {
        change(&mut self.local);
        change(&mut self.central);
    }
}

impl Header {
    fn push(&self, name: &[u8], out: &mut Vec<u8>) {
        out.extend([20, 0]);
        out.extend(self.flags.to_le_bytes());
        out.extend(self.method.to_le_bytes());
        out.extend([0, 0, 0x21, 0]); // 1980-01-01
        out.extend(
            [self.crc32, self.compressed_size, self.size].map(u32::to_le_bytes).as_flattened(),
        );
        out.extend(self.name_len.unwrap_or(name.len() as u16).to_le_bytes());
        out.extend(self.extra_len.unwrap_or(self.extra.len() as u16).to_le_bytes());
    }
}

/// The archive of these members.
pub fn archive(members: &[Member]) -> Vec<u8> {
    let (mut out, mut directory) = (Vec::new(), Vec::new());
    for member in members {
        let offset = member.offset.unwrap_or(out.len() as u32);
        out.extend(b"PK\x03\x04");
        member.local.push(&member.name, &mut out);
        out.extend(&member.name);
        out.extend(&member.local.extra);
        out.extend(&member.data);
        out.extend(&member.after);
        directory.extend(b"PK\x01\x02\x14\0");
        member.central.push(&member.name, &mut directory);
        directory.extend([0; 10]); // comment, disk, attributes
        directory.extend(offset.to_le_bytes());
        directory.extend(&member.name);
        directory.extend(&member.central.extra);
    }
    let (start, size) = (out.len() as u32, directory.len() as u32);
    out.extend(directory);
    out.extend(b"PK\x05\x06\0\0\0\0");
    out.extend([members.len() as u16; 2].map(u16::to_le_bytes).as_flattened());
    out.extend([size, start].map(u32::to_le_bytes).as_flattened());
    out.extend([0; 2]);
    out
}
