"""Texts for uploaded files."""

TEXTS = {
    "file_empty": "这个文件是空的",
    "file_type": "不收这种文件；可以用 {allowed}",
    "file_broken": "文件打不开，可能没有传完整；请重新保存后再传",
    "file_bomb": "压缩包展开后太大，没有收下",
}
