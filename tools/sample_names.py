"""Common given names and family names by language, for make-sample-book. Each list begins with the most frequent."""


class Culture:
    """Names are words of a script; a name in another script than Latin is "native/latin" or "native/latin/phonetic"."""

    def __init__(self, language, share, country, code, cities, phone, given, family, family_first=False, joined=False):
        self.language, self.share, self.country, self.code = language, share, country, code
        self.cities, self.phone = cities, phone
        self.given, self.family = [g.split("/") for g in given.split()], [f.split("/") for f in family.split()]
        self.family_first, self.joined = family_first, joined


CULTURES = [
    Culture("en", 22, "United Kingdom", "GB", ["London", "Leeds", "Bristol"], "+44 20 7946 0",
            "James Emma Oliver Olivia John Mary William Sarah Thomas Grace David Alice George Lucy Robert Emily Peter "
            "Charlotte Daniel Hannah Andrew Rachel Michael Laura Simon Claire Stephen Helen Edward Ruth Henry Jane "
            "Samuel Amy Patrick Fiona Kevin Rebecca Alan Victoria",
            "Smith Jones Taylor Brown Williams Wilson Johnson Davies Robinson Wright Thompson Evans Walker White "
            "Roberts Green Hall Wood Jackson Clarke Harris Clark Lewis Turner Hill Cooper Ward Moore Morris King "
            "Watson Baker Harrison Morgan Young Allen Mitchell Anderson Phillips Lee Bell Parker Davis Bennett Miller "
            "Cook Shaw Richardson Carter Collins Marshall Bailey Gray Cox Adams Wilkinson Foster Chapman Mason Russell "
            "O'Brien O'Connor Webb Rogers Hunt Mills Holmes Palmer Matthews Barnes"),
    Culture("de", 16, "Deutschland", "DE", ["Berlin", "Köln", "München"], "+49 30 23125 ",
            "Anna Jonas Maria Lukas Sophie Felix Laura Paul Lena Maximilian Julia Leon Katharina Michael Christine "
            "Thomas Sabine Andreas Ursula Wolfgang Jürgen Heike Stefan Jörg Petra Günther Claudia Matthias Birgit "
            "Sebastian Silke Uwe Renate Hans Käthe Björn Anke Rolf Ute Götz",
            "Schmidt Müller Schneider Fischer Weber Meyer Wagner Becker Schulz Hoffmann Schäfer Koch Bauer Richter "
            "Klein Wolf Schröder Neumann Schwarz Zimmermann Braun Krüger Hofmann Hartmann Lange Schmitt Werner Krause "
            "Lehmann Schmid Schulze Maier Köhler Herrmann König Walter Mayer Huber Kaiser Fuchs Peters Lang Scholz "
            "Möller Weiß Jung Hahn Schubert Vogel Friedrich Keller Günther Frank Berger Winkler Roth Beck Lorenz "
            "Baumann Franke Albrecht Böhm Groß Krämer Jäger Straßer Voß Sauer Arnold Pohl"),
    Culture("fr", 8, "France", "FR", ["Paris", "Lyon", "Nantes"], "+33 1 99 00 ",
            "Marie Jean Camille Pierre Léa Louis Chloé Nicolas Émilie Julien Manon François Hélène Antoine Céline "
            "Benoît Aurélie Jérôme Élodie Thierry Françoise Gérard Noémie Rémi Mathilde Sébastien Agnès Étienne Zoé "
            "Loïc",
            "Martin Bernard Dubois Thomas Robert Richard Petit Durand Leroy Moreau Simon Laurent Lefèvre Michel Garcia "
            "David Bertrand Roux Vincent Fournier Morel Girard André Mercier Dupont Lambert Bonnet François Martinez "
            "Legrand Garnier Faure Rousseau Blanc Guérin Müller Henry Roussel Nicolas Perrin Morin Mathieu Clément "
            "Gauthier Dumont Lopez Fontaine Chevalier Robin Masson"),
    Culture("es", 8, "España", "ES", ["Madrid", "Sevilla", "Bilbao"], "+34 91 555 ",
            "María José Carmen Antonio Ana Manuel Isabel Francisco Laura Javier Lucía Carlos Marta Miguel Sara Rafael "
            "Elena Jesús Pilar Álvaro Inés Andrés Rocío Iñaki Begoña Sergio Nuria Raúl Mónica Íñigo",
            "García Rodríguez González Fernández López Martínez Sánchez Pérez Gómez Martín Jiménez Ruiz Hernández "
            "Díaz Moreno Muñoz Álvarez Romero Alonso Gutiérrez Navarro Torres Domínguez Vázquez Ramos Gil Ramírez "
            "Serrano Blanco Molina Morales Suárez Ortega Delgado Castro Ortiz Rubio Marín Sanz Núñez Iglesias Medina "
            "Garrido Cortés Castillo Santos Lozano Guerrero Cano Ibáñez"),
    Culture("it", 5, "Italia", "IT", ["Milano", "Roma", "Torino"], "+39 02 5550 ",
            "Giulia Marco Francesca Luca Chiara Andrea Sara Matteo Martina Giuseppe Elena Alessandro Valentina Davide "
            "Anna Giovanni Federica Stefano Paola Niccolò",
            "Rossi Russo Ferrari Esposito Bianchi Romano Colombo Ricci Marino Greco Bruno Gallo Conti De-Luca Mancini "
            "Costa Giordano Rizzo Lombardi Moretti Barbieri Fontana Santoro Mariani Rinaldi Caruso Ferrara Galli "
            "Martini Leone"),
    Culture("pt", 5, "Portugal", "PT", ["Lisboa", "Porto"], "+351 21 555 ",
            "Maria João Ana José Inês António Beatriz Pedro Catarina Tiago Sofia Rui Mariana Luís Marta Nuno Joana "
            "Gonçalo Rita Simão",
            "Silva Santos Ferreira Pereira Oliveira Costa Rodrigues Martins Jesus Sousa Fernandes Gonçalves Gomes "
            "Lopes Marques Alves Almeida Ribeiro Pinto Carvalho Teixeira Moreira Correia Mendes Nunes Soares Vieira "
            "Monteiro Cardoso Rocha"),
    Culture("pl", 5, "Polska", "PL", ["Warszawa", "Łódź", "Kraków"], "+48 22 555 ",
            "Anna Piotr Katarzyna Krzysztof Agnieszka Andrzej Małgorzata Tomasz Joanna Paweł Magdalena Michał Zofia "
            "Łukasz Elżbieta Stanisław Barbara Wojciech Ewa Jarosław",
            "Nowak Kowalski Wiśniewski Wójcik Kowalczyk Kamiński Lewandowski Zieliński Szymański Woźniak Dąbrowski "
            "Kozłowski Jankowski Mazur Kwiatkowski Krawczyk Kaczmarek Piotrowski Grabowski Pawłowski Michalski Król "
            "Wieczorek Jabłoński Wróbel Nowakowski Majewski Olszewski Stępień Malinowski"),
    Culture("sv", 4, "Sverige", "SE", ["Stockholm", "Göteborg", "Malmö"], "+46 8 5550 ",
            "Anna Lars Eva Mikael Karin Anders Kristina Johan Elisabeth Per Maria Erik Birgitta Karl Åsa Björn Märta "
            "Göran Ebba Håkan",
            "Andersson Johansson Karlsson Nilsson Eriksson Larsson Olsson Persson Svensson Gustafsson Pettersson "
            "Jonsson Jansson Hansson Bengtsson Lindberg Lindström Lindqvist Berglund Åberg Öberg Sjöberg Hedlund "
            "Lundgren Axelsson Bergström Nyström Holmgren Engström Forsberg"),
    Culture("tr", 4, "Türkiye", "TR", ["İstanbul", "Ankara", "İzmir"], "+90 212 555 ",
            "Mehmet Fatma Mustafa Ayşe Ahmet Emine Ali Hatice Hüseyin Zeynep Hasan Elif İbrahim Meryem İsmail Şerife "
            "Osman Gülşen Çağlar Işıl",
            "Yılmaz Kaya Demir Şahin Çelik Yıldız Yıldırım Öztürk Aydın Özdemir Arslan Doğan Kılıç Aslan Çetin Kara "
            "Koç Kurt Özkan Şimşek Polat Özcan Korkmaz Çakır Erdoğan Yavuz Can Acar Şen Güneş"),
    Culture("vi", 3, "Việt Nam", "VN", ["Hà Nội", "Đà Nẵng"], "+84 24 5550 ",
            "Anh Linh Minh Hương Tuấn Lan Hùng Mai Dũng Thảo Nam Hà Long Trang Quân Ngọc Đức Yến Sơn Phương",
            "Nguyễn Trần Lê Phạm Hoàng Huỳnh Phan Vũ Võ Đặng Bùi Đỗ Hồ Ngô Dương Lý Đinh Trịnh Đoàn Mai",
            family_first=True),
    Culture("cs", 3, "Česko", "CZ", ["Praha", "Brno"], "+420 222 555 ",
            "Jan Jana Petr Marie Jiří Eva Josef Hana Pavel Anna Martin Lenka Tomáš Kateřina Jaroslav Lucie Miroslav "
            "Věra Zdeněk Šárka",
            "Novák Svoboda Novotný Dvořák Černý Procházka Kučera Veselý Horák Němec Pokorný Marek Pospíšil Hájek "
            "Jelínek Král Růžička Beneš Fiala Sedláček Doležal Zeman Kolář Krejčí Navrátil Čermák Urban Vaněk Blažek "
            "Kříž"),
    Culture("ru", 5, "Россия", "RU", ["Москва", "Казань"], "+7 495 555 ",
            "Александр/Aleksandr Елена/Elena Сергей/Sergey Ольга/Olga Дмитрий/Dmitry Наталья/Natalya Андрей/Andrey "
            "Татьяна/Tatyana Алексей/Aleksey Ирина/Irina Иван/Ivan Светлана/Svetlana Михаил/Mikhail Мария/Maria "
            "Николай/Nikolay Анна/Anna Владимир/Vladimir Юлия/Yulia Пётр/Pyotr Галина/Galina",
            "Иванов/Ivanov Смирнов/Smirnov Кузнецов/Kuznetsov Попов/Popov Васильев/Vasilyev Петров/Petrov "
            "Соколов/Sokolov Михайлов/Mikhaylov Новиков/Novikov Фёдоров/Fyodorov Морозов/Morozov Волков/Volkov "
            "Алексеев/Alekseyev Лебедев/Lebedev Семёнов/Semyonov Егоров/Yegorov Павлов/Pavlov Козлов/Kozlov "
            "Степанов/Stepanov Николаев/Nikolayev Орлов/Orlov Андреев/Andreyev Макаров/Makarov Никитин/Nikitin "
            "Захаров/Zakharov"),
    Culture("el", 3, "Ελλάδα", "GR", ["Αθήνα", "Πάτρα"], "+30 21 0555 ",
            "Μαρία/Maria Γιώργος/Giorgos Ελένη/Eleni Δημήτρης/Dimitris Κατερίνα/Katerina Κώστας/Kostas "
            "Βασιλική/Vasiliki Γιάννης/Giannis Σοφία/Sofia Νίκος/Nikos Άννα/Anna Χρήστος/Christos "
            "Ευαγγελία/Evangelia Παναγιώτης/Panagiotis Ιωάννα/Ioanna Σπύρος/Spyros",
            "Παπαδόπουλος/Papadopoulos Βλάχος/Vlachos Αγγελόπουλος/Angelopoulos Νικολαΐδης/Nikolaidis "
            "Γεωργίου/Georgiou Πέτρου/Petrou Αθανασίου/Athanasiou Δημητρίου/Dimitriou Κωνσταντίνου/Konstantinou "
            "Οικονόμου/Oikonomou Μακρής/Makris Παππάς/Pappas Καραγιάννης/Karagiannis Αντωνίου/Antoniou "
            "Ιωαννίδης/Ioannidis Βασιλείου/Vasileiou"),
    Culture("ar", 3, "مصر", "EG", ["القاهرة"], "+20 2 5550 ",
            "محمد/Mohamed فاطمة/Fatima أحمد/Ahmed مريم/Mariam علي/Ali عائشة/Aisha عمر/Omar زينب/Zainab حسن/Hassan "
            "نور/Nour يوسف/Youssef سارة/Sara خالد/Khaled ليلى/Layla إبراهيم/Ibrahim هدى/Huda",
            "محمود/Mahmoud حسين/Hussein سالم/Salem منصور/Mansour إسماعيل/Ismail عبدالله/Abdullah صالح/Saleh "
            "خليل/Khalil حمدان/Hamdan ناصر/Nasser سليمان/Soliman عثمان/Osman رشيد/Rashid فارس/Fares شريف/Sherif "
            "يعقوب/Yacoub"),
    Culture("hi", 3, "भारत", "IN", ["दिल्ली", "मुंबई"], "+91 22 5550 ",
            "राज/Raj प्रिया/Priya अमित/Amit सुनीता/Sunita विजय/Vijay अनीता/Anita संजय/Sanjay कविता/Kavita "
            "राहुल/Rahul नेहा/Neha अनिल/Anil पूजा/Pooja सुरेश/Suresh मीना/Meena अर्जुन/Arjun लक्ष्मी/Lakshmi",
            "शर्मा/Sharma सिंह/Singh कुमार/Kumar गुप्ता/Gupta वर्मा/Verma पटेल/Patel यादव/Yadav मिश्रा/Mishra "
            "जोशी/Joshi अग्रवाल/Agarwal चौधरी/Chaudhary मेहता/Mehta नायर/Nair रेड्डी/Reddy देसाई/Desai ठाकुर/Thakur"),
    Culture("ja", 5, "日本", "JP", ["東京", "大阪"], "+81 3 5550 ",
            "太郎/Taro/タロウ 花子/Hanako/ハナコ 健一/Kenichi/ケンイチ 陽子/Yoko/ヨウコ 誠/Makoto/マコト "
            "由美/Yumi/ユミ 大輔/Daisuke/ダイスケ 恵子/Keiko/ケイコ 翔太/Shota/ショウタ 美咲/Misaki/ミサキ "
            "浩/Hiroshi/ヒロシ 直美/Naomi/ナオミ 拓也/Takuya/タクヤ さくら/Sakura/サクラ 隆/Takashi/タカシ "
            "明美/Akemi/アケミ",
            "佐藤/Sato/サトウ 鈴木/Suzuki/スズキ 高橋/Takahashi/タカハシ 田中/Tanaka/タナカ 伊藤/Ito/イトウ "
            "渡辺/Watanabe/ワタナベ 山本/Yamamoto/ヤマモト 中村/Nakamura/ナカムラ 小林/Kobayashi/コバヤシ "
            "加藤/Kato/カトウ 吉田/Yoshida/ヨシダ 山田/Yamada/ヤマダ 佐々木/Sasaki/ササキ 山口/Yamaguchi/ヤマグチ "
            "松本/Matsumoto/マツモト 井上/Inoue/イノウエ 木村/Kimura/キムラ 林/Hayashi/ハヤシ 清水/Shimizu/シミズ "
            "山崎/Yamazaki/ヤマザキ 森/Mori/モリ 池田/Ikeda/イケダ 橋本/Hashimoto/ハシモト 石川/Ishikawa/イシカワ",
            family_first=True),
    Culture("zh", 5, "中国", "CN", ["北京", "上海"], "+86 10 5550 ",
            "伟/Wei 芳/Fang 娜/Na 秀英/Xiuying 敏/Min 静/Jing 丽/Li 强/Qiang 磊/Lei 军/Jun 洋/Yang 勇/Yong "
            "艳/Yan 杰/Jie 娟/Juan 涛/Tao 明/Ming 超/Chao 霞/Xia 平/Ping",
            "王/Wang 李/Li 张/Zhang 刘/Liu 陈/Chen 杨/Yang 黄/Huang 赵/Zhao 吴/Wu 周/Zhou 徐/Xu 孙/Sun 马/Ma "
            "朱/Zhu 胡/Hu 郭/Guo 何/He 林/Lin 高/Gao 罗/Luo",
            family_first=True, joined=True),
    Culture("ko", 4, "대한민국", "KR", ["서울", "부산"], "+82 2 5550 ",
            "민준/Minjun 서연/Seoyeon 지훈/Jihoon 지민/Jimin 현우/Hyunwoo 수빈/Subin 도현/Dohyun 하은/Haeun "
            "준호/Junho 유진/Yujin 성민/Sungmin 지영/Jiyoung 동현/Donghyun 은지/Eunji 상훈/Sanghoon 혜진/Hyejin",
            "김/Kim 이/Lee 박/Park 최/Choi 정/Jung 강/Kang 조/Cho 윤/Yoon 장/Jang 임/Lim 한/Han 오/Oh 서/Seo "
            "신/Shin 권/Kwon 황/Hwang",
            family_first=True, joined=True),
    Culture("he", 2, "ישראל", "IL", ["תל אביב"], "+972 3 555 ",
            "נועם/Noam תמר/Tamar יוסף/Yosef נועה/Noa דוד/David שירה/Shira אורי/Uri מיכל/Michal איתי/Itay יעל/Yael "
            "משה/Moshe רות/Ruth",
            "כהן/Cohen לוי/Levi מזרחי/Mizrahi פרץ/Peretz ביטון/Biton דהן/Dahan אברהם/Avraham פרידמן/Friedman "
            "אזולאי/Azoulay כץ/Katz גבאי/Gabay עמר/Amar"),
]

# How a woman's family name ends where it differs: of the endings the first that fits, in its script and in Latin.
FEMININE = {
    "ru": [("", "", "а", "a")],
    "pl": [("ski", "ski", "ska", "ska")],
    "cs": [("ý", "ý", "á", "á"), ("í", "í", "í", "í"), ("ek", "ek", "ková", "ková"), ("ec", "ec", "cová", "cová"),
           ("a", "a", "ová", "ová"), ("", "", "ová", "ová")],
}
