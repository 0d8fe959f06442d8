"""bad_text.py - texts that are no table of numbers: what the file holds, and what kmu fit says of it.

A row is (what, bytes of t.csv, what follows "kmu: t.csv", further options)."""

MANY = b"".join(b"%d,%d\n" % (j, -j) for j in range(40000))  # more than a chunk a thread

RETURN = "a carriage return within a field (lines end with LF or CR LF)"

TEXTS = [
    # nothing there
    ("an empty file", b"", ": no rows"),
    ("blank lines only", b"\n \r\n\n", ": no rows"),
    ("a byte order mark and no more", b"\xef\xbb\xbf", ": no rows"),
    ("a header and no rows", b"height,width\n", ": no rows after the header"),
    ("a header, then blank lines", b"height,width\r\n\r\n", ": no rows after the header"),
    ("a header that an option promises", b"1,2\n", ": no rows after the header", "--header=yes"),
    # rows of other lengths
    ("a short row", b"1,2\n3\n", ":2:2: the row ends after 1 of 2 fields"),
    ("a short row in the middle", b"1,2,3\n4,5\n6,7,8\n", ":2:3: the row ends after 2 of 3 fields"),
    ("a long row", b"1,2\n3,4,5\n", ":2:3: the row has more than 2 fields"),
    ("a second field", b"1\n2,3\n", ":2:2: the row has more than 1 field"),
    ("a row cut short at the end of the file", b"1,2\n3", ":2:2: the row ends after 1 of 2 fields"),
    ("a short row far down", MANY + b"7\n", ":40001:2: the row ends after 1 of 2 fields"),
    ("a short row far down, read by four threads", MANY + b"7\n", ":40001:2: the row ends after 1 of 2 fields", "-t4"),
    ("the first of two errors, read by four threads", b"1,x\n" + MANY + b"7\n", ':1:2: "x" is not a number', "-t4 --header=no"),
    # fields without a number
    ("an empty field", b"1,2,3\n4,,6\n", ":2:2: an empty field"),
    ("an empty first field", b"1,2\n,3\n", ":2:1: an empty field"),
    ("a delimiter at the end", b"1,2\n3,\n", ":2:2: an empty field (a delimiter at the end of the line?)"),
    ("a quoted nothing", b'1,2\n"",3\n', ":2:1: an empty field"),
    ("a gap in a column", b"1\n\n3\n", ":2:1: an empty field"),
    ("a missing value", b"1,2\n3,NA\n", ':2:2: "NA" is not a number (a missing value? leave out the row or fill it in)'),
    ("a missing value as a question mark", b"1,2\n?,4\n",
     ':2:1: "?" is not a number (a missing value? leave out the row or fill it in)'),
    ("an empty field under a header", b"a,b\n1,\n3,4\n", ":2:2: an empty field, but line 3 has a number here"),
    # text
    ("text without a header", b"1,2\n3,x\n", ':2:2: "x" is not a number'),
    ("text in a first row that is no header", b"1,x\n3,4\n", ':1:2: "x" is not a number'),
    ("text in a number", b"1,2\n3,4x\n", ':2:2: "4x" is not a number'),
    ("two signs", b"1,2\n3,--4\n", ':2:2: "--4" is not a number'),
    ("an exponent without digits", b"1,2\n3,4e\n", ':2:2: "4e" is not a number'),
    ("a hexadecimal number", b"1,2\n3,0x10\n", ':2:2: "0x10" is not a number'),
    ("a blank in a number", b"1,2\n3,1 000\n", ':2:2: "1 000" is not a number', "--delimiter=,"),
    ("a blank in a number, nothing promised", b"5,6\n1,2\n3,1 000\n7,8\n", ':3:2: "1 000" is not a number'),
    ("a blank in a number of the last row", b"5,6\n3,1 000\n", ':2:2: "1 000" is not a number'),
    ("a blank in a number under a header", b"a,b\n1,2\n3,1 000\n7,8\n", ':3:2: "1 000" is not a number'),
    ("a short row among names of two words", b"name,x\nann lee,2\nbob ray\ncat poe,5\n",
     ":3:2: the row ends after 1 of 2 fields"),
    ("a grouped number", b"1,2\n3,1_000\n", ':2:2: "1_000" is not a number'),
    ("a minus sign of typesetters", "1,2\n3,−4\n".encode(), ':2:2: "−4" is not a number'),
    ("a text in the second row only", b"a,b\n1,x\n2,3\n", ':2:2: "x" is not a number, but line 3 has one here'),
    ("two headers", b"a,b\nkg,cm\n1,2\n",
     ':2:1: "kg" is not a number, nor is anything in the row after the header (two headers?)'),
    ("nothing but texts", b"a,b\nc,d\n", ':2:1: "c" is not a number, nor is anything in the row after the header (two headers?)'),
    ("prose", b"Dear reader\nthis is a letter\n",
     ':2:1: "this" is not a number, nor is anything in the row after the header'),
    ("a long text", b"1,2\n3," + b"x" * 1000 + b"\n", ':2:2: "' + "x" * 40 + '..." is not a number'),
    ("what would steer a terminal", b"1,2\n3,\x1b[2J\n", ':2:2: "\\x1b[2J" is not a number'),
    ("what would steer an old terminal", b"1,2\n3,\x9b2J\n", ':2:2: "\\x9b2J" is not a number'),
    # decimal commas
    ("a decimal comma", b'1.5,2\n"1,5",2\n', ':2:1: "1,5" is not a number (a decimal comma? --decimal=,)'),
    ("decimal commas behind semicolons", b"1,5;2\n2,5;3\n", ':1:1: "1,5" is not a number (a decimal comma? --decimal=,)'),
    ("decimal commas between tabs", b"1,5\t2\n2,5\t3\n", ':1:1: "1,5" is not a number (a decimal comma? --decimal=,)'),
    ("decimal points where commas were promised", b"1.5;2\n", ':1:1: "1.5" is not a number', "--decimal=, --header=no"),
    # numbers that are none
    ("nan", b"1,2\n3,nan\n", ":2:2: nan is not finite; leave out the row or fill it in"),
    ("inf", b"1,2\ninf,4\n", ":2:1: inf is not finite; leave out the row or fill it in"),
    ("minus infinity", b"1,2\n-Infinity,4\n", ":2:1: -Infinity is not finite; leave out the row or fill it in"),
    ("1e999", b"1,2\n3,1e999\n", ":2:2: 1e999 is beyond the range of f64"),
    ("-1e999", b"1,2\n3,-1e999\n", ":2:2: -1e999 is beyond the range of f64"),
    ("1e39 as f32", b"1,2\n3,1e39\n", ":2:2: 1e39 is beyond the range of f32", "--dtype=f32"),
    # quotes
    ("an unclosed quote", b'1,2\n"3,4\n5,6\n', ":2:1: a quote that is never closed"),
    ("an unclosed quote in the header", b'"a,b\n1,2\n', ":1:1: a quote that is never closed"),
    ("text behind a quote", b'1,2\n"3"x,4\n', ":2:1: text after a closing quote"),
    # no text at all
    ("a NUL byte", b"1,2\n3,4\x005\n", ":2:2: a NUL byte (is this a text?)"),
    ("UTF-16 from Windows", b"\xff\xfe" + "1,2\n3,4\n".encode("utf-16-le"), ":1:1: UTF-16 (kmu reads UTF-8 and ASCII)"),
    ("UTF-16, big-endian", b"\xfe\xff" + "1,2\n".encode("utf-16-be"), ":1:1: UTF-16 (kmu reads UTF-8 and ASCII)"),
    ("UTF-16 without a mark", "1,2\n3,4\n".encode("utf-16-le"), ":1:1: UTF-16 (kmu reads UTF-8 and ASCII)"),
    ("line ends of old Macs", b"1,2\r3,4\r", f":1:2: {RETURN}"),
    ("line ends of old Macs in a single column", b"1\r2\r3\r", f":1:1: {RETURN}"),
    ("a row that would be lost in a header", b"1\r2\n3\n4\n", f":1:1: {RETURN}"),
    ("a header that ends as on old Macs", b"a,b\r1,2\n3,4\n", f":1:2: {RETURN}"),
    # a delimiter that is not there
    ("another delimiter than promised", b"1;2\n3;4\n", ':1:1: "1;2" is not a number', "--delimiter=, --header=no"),
    ("a tab promised", b"1,2\n3,4\n",
     ':1:1: "1,2" is not a number (a decimal comma? --decimal=,)', "--delimiter=tab --header=no"),
    ("a delimiter that is the decimal sign", b"1,2\n", ": --delimiter and --decimal are both ','", "--delimiter=, --decimal=,"),
]
