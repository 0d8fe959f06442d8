"""bad_pairs.py - files that do not fit together, and outputs that cannot be: what kmu says of them.

A row is (command line, exit code, what follows "kmu: "), with the files of bad_words.py."""
from bad_words import NO_FORMAT

FIT = [
    # k and a start
    ("fit a.csv -k 5", 3, "a.csv: k = 5 clusters for n = 4 points"),
    ("fit x.npy -k 5 --init random", 3, "x.npy: k = 5 clusters for n = 4 points"),
    ("fit a.csv -k 3 --init c.csv", 3, "c.csv: 2 centroids, but -k 3"),
    ("fit a.csv --init c3.csv", 3, "c3.csv: centroids of 3 coordinates for points of 2"),
    ("fit a.csv --init nan.npy", 3, "nan.npy: row 2, column 2 is nan; centroids are finite"),
    ("fit a.csv --init .", 4, ".: is a directory, not a file"),
    ("fit a.csv -k 3 --init m.kmu", 3, "m.kmu: 2 centroids, but -k 3"),
    ("fit a.csv --init 3.kmu", 7, "3.kmu: a model of 3 columns for points of 2"),
    ("fit a.csv --init z.kmu --scale robust", 2, "--scale: z.kmu is a model of data that were standardised otherwise"),
    # weights
    ("fit a.csv -k 2 --weights negative.csv", 3, "negative.csv: the weight of row 3 is -2; weights are finite and at least 0"),
    ("fit a.csv -k 2 --weights wnan.npy", 3, "wnan.npy: the weight of row 2 is nan; weights are finite and at least 0"),
    ("fit a.csv -k 2 --weights winf.npy", 3, "winf.npy: the weight of row 4 is inf; weights are finite and at least 0"),
    ("fit a.csv -k 2 --weights zero.npy", 3, "zero.npy: all 4 weights are 0"),
    ("fit a.csv -k 2 --weights three.npy", 3, "three.npy: 3 x 1 numbers, but 4 weights are needed"),
    ("fit a.csv -k 2 --weights d.npy", 3, "d.npy: 4 x 2 numbers, but 4 weights are needed"),
    ("fit a.csv -k 2 --weights lx.csv", 3, 'lx.csv:3:1: "x" is not a number'),
    ("fit a.csv -k 2 --weights nowhere.csv", 2, "--weights nowhere.csv: neither a file nor a column of the data"),
    ("fit x.npy -k 2 --weights nowhere.csv", 2, "--weights nowhere.csv: neither a file nor a column of the data"),
    ("fit a.csv -k 2 --weights 9", 2, "--weights 9: neither a file nor a column of the data"),
    ("fit h.csv -k 2 --weights w", 3, "h.csv: the weight of row 2 is -1; weights are finite and at least 0"),
    ("fit h.csv -k 2 --weights x", 2, '--weights: h.csv has 2 columns "x"; give its number'),
    ("fit h.csv -k 2 --weights w --columns w", 2, "--columns: column 3 of h.csv is asked for twice"),
    # columns
    ("fit h.csv -k 2 --columns x", 2, '--columns: h.csv has 2 columns "x"; give its number'),
    ("fit h.csv -k 2 --columns z", 2, '--columns: h.csv has no column "z"'),
    ("fit x.npy -k 2 --columns 1", 2, "x.npy: --columns is for text (csv, tsv)"),
    ("fit x.npy -k 2 --id 1", 2, "x.npy: --id is for text (csv, tsv)"),
    # raw
    ("fit x.raw -k 2", 2, "x.raw: a raw file needs --shape N,D and --dtype (f32, u8, ..)"),
    ("fit x.raw -k 2 --shape 4,2", 2, "x.raw: a raw file needs --shape N,D and --dtype (f32, u8, ..)"),
    ("fit x.raw -k 2 --dtype f32", 2, "x.raw: a raw file needs --shape N,D and --dtype (f32, u8, ..)"),
    ("fit x.raw -k 2 --shape 4,3 --dtype f32", 3, "x.raw: cut short: 32 of 48 bytes of numbers (4 x 3 f32)"),
    # no data
    ("fit nowhere.csv -k 2", 4, "nowhere.csv: cannot open: No such file or directory"),
    ("fit a.csv/b.csv -k 2", 4, "a.csv/b.csv: cannot open: Not a directory"),
    ("fit . -k 2", 4, ".: is a directory, not a file"),
    ("fit - -k 2", 3, "standard input: no rows"),
    ("fit '\x1b[2J.csv' -k 2", 4, "\\x1b[2J.csv: cannot open: No such file or directory"),
    ("info nowhere", 4, "nowhere: cannot open: No such file or directory"),
    ("info .", 4, ".: is a directory, not a file"),
]

OTHERS = [
    # predict
    ("predict a.csv -m nowhere.kmu", 4, "nowhere.kmu: cannot open: No such file or directory"),
    ("predict a.csv -m .", 4, ".: is a directory, not a file"),
    ("predict a.csv -m a.csv", 7, "a.csv: not a kmu model"),
    ("predict a.csv -m 3.kmu", 7, "a.csv: points of 2 columns for a model of 3"),
    ("predict h.csv -m m.kmu --columns 1-3", 7, "h.csv: points of 3 columns for a model of 2"),
    ("predict nowhere.csv -m m.kmu", 4, "nowhere.csv: cannot open: No such file or directory"),
    ("predict nan.npy -m m.kmu", 3, "nan.npy: row 2, column 2 is NaN"),
    ("predict a.csv -m m.kmu --top 0", 2, "--top 0: not an integer of at least 1"),
    ("predict a.csv -m m.kmu --top x", 2, "--top x: not an integer of at least 1"),
    ("predict a.csv -m m.kmu --top 99999999999999999999", 2, "--top 99999999999999999999: not an integer of at least 1"),
    ("predict a.csv -m m.kmu --top 3", 2, "--top 3: m.kmu has 2 centroids"),
    ("predict a.csv -m m.kmu --append --top 2", 2, "--append writes one cluster a row; leave out --top"),
    ("predict a.csv -m m.kmu --append -o new.npy", 2, "--append writes rows as text (csv, tsv), not new.npy"),
    # verify
    ("verify a.csv --centers c3.csv --labels l.csv", 3, "c3.csv: centroids of 3 coordinates for points of 2"),
    ("verify a.csv --centers nan.npy --labels l.csv", 3, "nan.npy: row 2, column 2 is nan; centroids are finite"),
    ("verify a.csv --centers nowhere.csv --labels l.csv", 4, "nowhere.csv: cannot open: No such file or directory"),
    ("verify a.csv --centers c.csv --labels nowhere", 4, "nowhere: cannot open: No such file or directory"),
    ("verify a.csv --centers c.csv --labels three.npy", 3, "three.npy: 3 x 1 numbers, but 4 labels are needed"),
    ("verify a.csv --centers c.csv --labels d.npy", 3, "d.npy: 4 x 2 numbers, but 4 labels are needed"),
    ("verify a.csv --centers c.csv --labels l2.csv", 3, "l2.csv: the label of row 3 is 2; labels are integers, 0 .. 1"),
    ("verify a.csv --centers c.csv --labels l-1.npy", 3, "l-1.npy: the label of row 2 is -1; labels are integers, 0 .. 1"),
    ("verify a.csv --centers c.csv --labels l.5.npy", 3, "l.5.npy: the label of row 3 is 0.5; labels are integers, 0 .. 1"),
    ("verify a.csv --centers c.csv --labels lnan.npy", 3, "lnan.npy: the label of row 4 is nan; labels are integers, 0 .. 1"),
    ("verify a.csv --centers c.csv --labels lx.csv", 3, 'lx.csv:3:1: "x" is not a number'),
    ("verify nan.npy --centers c.csv --labels l.csv", 3, "l.csv: 4 x 1 numbers, but 2 labels are needed"),
]

OUTPUTS = [
    ("fit a.csv -k 2 --labels new.xyz", 2, f"no format has the suffix .xyz {NO_FORMAT}; or --format)"),
    ("fit nowhere.csv -k 2 --labels new.xyz", 2, f"no format has the suffix .xyz {NO_FORMAT}; or --format)"),
    ("fit a.csv -k 2 --labels new.fvecs", 2, "fvecs holds f32, these numbers are i32"),
    ("fit a.csv -k 2 --centers new.fvecs", 2, "fvecs holds f32, these numbers are f64"),
    ("fit a.csv -k 2 --trace new.npy", 2, "--trace new.npy: a trace is .csv or .json"),
    ("fit a.csv -k 2 --labels new.csv --centers new.csv", 2, "new.csv: two outputs cannot go to one file"),
    ("fit a.csv -k 2 -o old.csv --trace old.csv", 2, "old.csv: two outputs cannot go to one file"),
    ("fit a.csv -k 2 --labels - --centers -", 2, "standard output: two outputs cannot go there"),
    ("fit a.csv -k 2 --labels - --json", 2, "standard output: two outputs cannot go there"),
    ("fit a.csv -k 2 -o no/such.kmu", 4, "no/such.kmu: cannot write: No such file or directory"),
    ("fit a.csv -k 2 -o a.csv/m.kmu", 4, "a.csv/m.kmu: cannot write: Not a directory"),
    ("fit a.csv -k 2 -o .", 4, ".: cannot write: Is a directory"),
    ("fit a.csv -k 2 -o old.kmu --labels .", 4, ".: cannot write: Is a directory"),
    ("fit a.csv -k 2 -o old.kmu --labels /dev/full", 4, "/dev/full: cannot write: No space left on device"),
    ("predict a.csv -m m.kmu -o - --distances -", 2, "standard output: two outputs cannot go there"),
    ("predict a.csv -m m.kmu -o old.csv --distances old.csv", 2, "old.csv: two outputs cannot go to one file"),
    ("predict a.csv -m m.kmu -o old.csv --distances new.fvecs", 2, "fvecs holds f32, these numbers are f64"),
    ("predict nowhere.csv -m m.kmu -o new.xyz", 2, f"no format has the suffix .xyz {NO_FORMAT}; or --format)"),
    ("convert nowhere.csv -o new.xyz", 2, f"no format has the suffix .xyz {NO_FORMAT}; or --format)"),
    ("convert a.csv -o no/such.npy", 4, "no/such.npy: cannot write: No such file or directory"),
    ("convert h.csv -o old.bvecs", 3, "old.bvecs: row 2, column 3: -1 is no number of u8"),
    ("convert nan.npy -o old.ivecs", 3, "old.ivecs: row 2, column 2: nan is no number of i32"),
]
